//! Making the first admin, once.

use actix_web::{HttpRequest, HttpResponse, web};
use desk::{
    Desk, DeskError,
    identity::{self, Setup},
    options::Secret,
    tokens::Token,
};
use domain::policy::Action;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{agents::AgentView, auth};
use crate::{body::Body, error::Result, limits, routes::Routes, session};

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .post("/api/setup", Action::Enter, set_up)
        .about("Create the workspace and its first admin")
        .takes::<SetUp>()
        .answers::<AgentView>(201);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetUp {
    token: String,
    workspace: String,
    name: String,
    email: String,
    password: String,
}

async fn set_up(
    request: HttpRequest,
    payload: web::Payload,
    desk: web::Data<Desk>,
) -> Result<HttpResponse> {
    limits::knock(&request)?;
    // Afterwards the path is not there at all, whatever is sent.
    if !identity::setup_is_open(&desk).await? {
        return Err(DeskError::NotFound("set-up link").into());
    }
    let body = Body::<SetUp>::read(&request, &mut payload.into_inner()).await?.value;
    let setup = Setup {
        token: Token::parse(&body.token),
        workspace: body.workspace,
        name: body.name,
        email: body.email,
        password: Secret::new(body.password),
    };
    let made = identity::set_up(&desk, setup, session::client(&request)).await?;
    Ok(auth::answer_with_session(HttpResponse::Created(), &request, &desk, &made))
}
