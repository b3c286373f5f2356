//! Signing in and out, one's own account, and links that let a person in once.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use desk::{
    Desk,
    identity::{self, SignIn},
    invitations,
    options::Secret,
    resets,
    sessions::{self, NewSession},
    settings,
    tokens::Token,
};
use domain::{agents::Agent, ids::SessionId, policy::Action, sessions::Session};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::agents::{AgentView, Ended};
use crate::{
    body::Body,
    error::Result,
    limits,
    page::{List, Paging},
    parse,
    path::Id,
    routes::Routes,
    session::{self, SignedIn},
};

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .post("/api/auth/login", Action::Enter, sign_in)
        .about("Sign in")
        .answers::<AgentView>(200);
    routes.post("/api/auth/logout", Action::Enter, sign_out).about("Sign out").answers::<Done>(200);
    routes
        .post("/api/auth/invitation", Action::Enter, accept_invitation)
        .about("Accept an invitation: choose a password")
        .answers::<AgentView>(200);
    routes
        .post("/api/auth/reset", Action::Enter, ask_for_reset)
        .about("Ask for a mail to reset a password");
    routes
        .post("/api/auth/reset/confirm", Action::Enter, confirm_reset)
        .about("Choose a new password by a link")
        .answers::<AgentView>(200);
    routes.get("/api/auth/me", Action::ReadOwnAccount, show_me).about("Who I am");
    routes.patch("/api/auth/me", Action::UseOwnAccount, rename_me).about("Change my name");
    routes
        .get("/api/auth/sessions", Action::UseOwnAccount, list_sessions)
        .about("List my sessions");
    routes
        .delete("/api/auth/sessions", Action::UseOwnAccount, end_other_sessions)
        .about("End all my other sessions");
    routes
        .delete("/api/auth/sessions/{id}", Action::UseOwnAccount, end_session)
        .about("End one of my sessions")
        .answers::<EndedSession>(200);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    password: String,
}

async fn sign_in(
    request: HttpRequest,
    body: Body<Credentials>,
    desk: web::Data<Desk>,
) -> Result<HttpResponse> {
    limits::knock(&request)?;
    let sign_in = SignIn {
        email: body.value.email,
        password: Secret::new(body.value.password),
        previous: session::token(&request),
        device: session::device(&request),
    };
    let made = identity::sign_in(&desk, sign_in, session::client(&request)).await?;
    Ok(answer_with_session(HttpResponse::Ok(), &request, &desk, &made))
}

#[derive(Serialize, ToSchema)]
struct Done {
    result: &'static str,
}

/// Open to all: somebody whose session is over wants the cookie gone as well.
async fn sign_out(request: HttpRequest, desk: web::Data<Desk>) -> Result<HttpResponse> {
    identity::sign_out(&desk, session::token(&request)).await?;
    let mut response = HttpResponse::Ok();
    session::clear(&mut response, &request);
    Ok(response.json(Done { result: "signed out" }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChoosePassword {
    token: String,
    password: String,
}

async fn accept_invitation(
    request: HttpRequest,
    body: Body<ChoosePassword>,
    desk: web::Data<Desk>,
) -> Result<HttpResponse> {
    limits::knock(&request)?;
    let token = Token::parse(&body.value.token);
    let password = Secret::new(body.value.password);
    let made = invitations::accept(&desk, token, password, session::client(&request)).await?;
    Ok(answer_with_session(HttpResponse::Ok(), &request, &desk, &made))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AskForReset {
    email: String,
}

/// The same answer whoever asks: it does not tell who has an account.
async fn ask_for_reset(
    request: HttpRequest,
    body: Body<AskForReset>,
    desk: web::Data<Desk>,
) -> Result<web::Json<Done>> {
    limits::knock(&request)?;
    resets::ask(&desk, &body.value.email, &session::client(&request)).await?;
    let result = "if an account has this address, a mail with a link is on its way";
    Ok(web::Json(Done { result }))
}

async fn confirm_reset(
    request: HttpRequest,
    body: Body<ChoosePassword>,
    desk: web::Data<Desk>,
) -> Result<HttpResponse> {
    limits::knock(&request)?;
    let token = Token::parse(&body.value.token);
    let password = Secret::new(body.value.password);
    let made = resets::confirm(&desk, token, password, session::client(&request)).await?;
    Ok(answer_with_session(HttpResponse::Ok(), &request, &desk, &made))
}

async fn show_me(me: SignedIn, desk: web::Data<Desk>) -> Result<web::Json<AgentView>> {
    let agent = desk::agents::find(&desk, me.agent()).await?;
    // A key may have a lesser role than its maker.
    Ok(web::Json(Agent { role: me.0.role, ..agent }.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RenameMe {
    #[serde(default, deserialize_with = "parse::present")]
    name: Option<String>,
}

async fn rename_me(
    me: SignedIn,
    body: Body<RenameMe>,
    desk: web::Data<Desk>,
) -> Result<web::Json<AgentView>> {
    let agent = match body.value.name {
        Some(name) => settings::rename_self(&desk, &me.0, &name).await?,
        None => desk::agents::find(&desk, me.agent()).await?,
    };
    Ok(web::Json(agent.into()))
}

#[derive(Serialize, ToSchema)]
struct SessionView {
    #[schema(value_type = Uuid)]
    id: SessionId,
    ip: Option<String>,
    user_agent: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    last_seen_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

impl SessionView {
    fn new(it: Session, current: SessionId) -> Self {
        Self {
            current: it.id == current,
            id: it.id,
            ip: it.ip,
            user_agent: it.user_agent,
            created_at: it.created_at.to_string(),
            last_seen_at: it.last_seen_at.to_string(),
            expires_at: it.expires_at.to_string(),
        }
    }
}

async fn list_sessions(
    me: SignedIn,
    paging: Paging,
    desk: web::Data<Desk>,
) -> Result<web::Json<List<SessionView>>> {
    let all = sessions::list(&desk, me.agent()).await?;
    let current = me.session()?;
    let views = all.into_iter().map(|it| SessionView::new(it, current));
    Ok(web::Json(List::whole(views, &paging)?))
}

#[derive(Serialize, ToSchema)]
struct EndedSession {
    #[serde(flatten)]
    session: SessionView,
    result: &'static str,
}

async fn end_session(
    request: HttpRequest,
    me: SignedIn,
    id: Id<SessionId>,
    desk: web::Data<Desk>,
) -> Result<HttpResponse> {
    let current = me.session()?;
    let ended = sessions::end(&desk, me.agent(), id.0).await?;
    let mut response = HttpResponse::Ok();
    if ended.id == current {
        session::clear(&mut response, &request);
    }
    let session = SessionView::new(ended, current);
    Ok(response.json(EndedSession { session, result: "ended" }))
}

#[derive(Serialize, ToSchema)]
struct EndedOthers {
    result: Ended,
}

async fn end_other_sessions(me: SignedIn, desk: web::Data<Desk>) -> Result<web::Json<EndedOthers>> {
    let ended = sessions::end_all(&desk, me.agent(), Some(me.session()?), me.actor()).await?;
    Ok(web::Json(EndedOthers { result: Ended { ended } }))
}

/// The agent who is signed in now, with the cookie that says so.
pub(super) fn answer_with_session(
    mut response: HttpResponseBuilder,
    request: &HttpRequest,
    desk: &Desk,
    made: &NewSession,
) -> HttpResponse {
    session::set(&mut response, request, &made.token);
    session::set_device(&mut response, request, identity::device_mark(desk, &made.agent.email));
    response.json(AgentView::from(made.agent.clone()))
}
