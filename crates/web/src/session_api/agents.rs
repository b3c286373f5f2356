//! People with an account, for admins; and the names others need to assign conversations.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use desk::{
    Desk,
    agents::{self, Assignee, Changes, NewAgent, Unassigned},
    invitations::Link,
    options::Secret,
    sessions, system_mail,
};
use domain::{
    agents::{Agent, Role},
    ids::{AgentId, ConversationId},
    policy::Action,
    sessions::LinkPurpose,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::{
    body::Body,
    error::Result,
    idempotency::IdempotencyKey,
    page::{List, Paging},
    parse,
    path::Id,
    routes::Routes,
    session::{Admin, SignedIn},
};

pub(crate) fn routes(routes: &mut Routes) {
    routes.get("/api/agents", Action::ManageAgents, list);
    routes.post("/api/agents", Action::ManageAgents, create);
    routes.patch("/api/agents/{id}", Action::ManageAgents, change);
    routes.delete("/api/agents/{id}", Action::ManageAgents, delete);
    routes.post("/api/agents/{id}/role", Action::ManageAgents, set_role);
    routes.post("/api/agents/{id}/invitation", Action::ManageAgents, invite_again);
    routes.delete("/api/agents/{id}/sessions", Action::ManageAgents, end_sessions);
    routes.get("/api/assignees", Action::ListAssignees, list_assignees);
}

#[derive(Debug, Serialize)]
pub(super) struct AgentView {
    id: AgentId,
    name: String,
    email: String,
    role: &'static str,
    is_active: bool,
    /// No password chosen yet.
    invited: bool,
    last_seen_at: Option<String>,
    created_at: String,
    updated_at: String,
}

impl From<Agent> for AgentView {
    fn from(it: Agent) -> Self {
        Self {
            id: it.id,
            name: it.name,
            email: it.email.to_string(),
            role: it.role.as_str(),
            is_active: it.is_active,
            invited: !it.has_password,
            last_seen_at: it.last_seen_at.map(|it| it.to_string()),
            created_at: it.created_at.to_string(),
            updated_at: it.updated_at.to_string(),
        }
    }
}

/// The link is told once; only its hash is kept.
#[derive(Serialize)]
struct InvitedView {
    #[serde(flatten)]
    agent: AgentView,
    invitation: Option<LinkView>,
}

#[derive(Serialize)]
struct LinkView {
    link: String,
    expires_at: String,
}

impl LinkView {
    fn new(it: &Link, desk: &Desk, request: &HttpRequest) -> Self {
        Self {
            link: system_mail::link(&base(desk, request), LinkPurpose::Invitation, &it.token),
            expires_at: it.expires_at.to_string(),
        }
    }
}

/// Where the admin who gets this answer reaches us. Mail never uses it: only the public URL.
fn base(desk: &Desk, request: &HttpRequest) -> Url {
    let host = request.headers().get(header::HOST).and_then(|it| it.to_str().ok());
    let seen = || Url::parse(&format!("http://{}", host.unwrap_or("localhost")));
    let fallback = || Url::parse("http://localhost").expect("this is a URL");
    desk.options.public_url.clone().unwrap_or_else(|| seen().unwrap_or_else(|_| fallback()))
}

async fn list(
    _: Admin,
    paging: Paging,
    desk: web::Data<Desk>,
) -> Result<web::Json<List<AgentView>>> {
    let all = agents::list(&desk).await?;
    Ok(web::Json(List::whole(all.into_iter().map(AgentView::from), &paging)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateAgent {
    name: String,
    email: String,
    #[serde(deserialize_with = "parse::word")]
    role: Role,
    password: Option<String>,
}

async fn create(
    request: HttpRequest,
    admin: Admin,
    key: IdempotencyKey,
    body: Body<CreateAgent>,
    desk: web::Data<Desk>,
) -> Result<HttpResponse> {
    let claim = key.claim(&body);
    let new = NewAgent {
        name: body.value.name,
        email: body.value.email,
        role: body.value.role,
        password: body.value.password.map(Secret::new),
    };
    let (agent, link) = agents::create(&desk, new, admin.actor(), claim).await?;
    let invitation = link.map(|it| LinkView::new(&it, &desk, &request));
    Ok(HttpResponse::Created().json(InvitedView { agent: agent.into(), invitation }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeAgent {
    #[serde(default, deserialize_with = "parse::present")]
    name: Option<String>,
    #[serde(default, deserialize_with = "parse::present")]
    email: Option<String>,
    #[serde(default, deserialize_with = "parse::present")]
    is_active: Option<bool>,
}

#[derive(Serialize)]
struct ChangedView {
    #[serde(flatten)]
    agent: AgentView,
    /// The conversations a disabled agent lost.
    unassigned: Vec<UnassignedView>,
}

#[derive(Serialize)]
struct UnassignedView {
    id: ConversationId,
    number: i64,
}

fn unassigned_views(all: Unassigned) -> Vec<UnassignedView> {
    all.into_iter().map(|(id, number)| UnassignedView { id, number }).collect()
}

async fn change(
    admin: Admin,
    id: Id<AgentId>,
    body: Body<ChangeAgent>,
    desk: web::Data<Desk>,
) -> Result<web::Json<ChangedView>> {
    let ChangeAgent { name, email, is_active } = body.value;
    let changes = Changes { name, email, is_active };
    let (agent, unassigned) = agents::change(&desk, id.0, changes, admin.actor()).await?;
    let unassigned = unassigned_views(unassigned);
    Ok(web::Json(ChangedView { agent: agent.into(), unassigned }))
}

#[derive(Serialize)]
struct DeletedView {
    #[serde(flatten)]
    agent: AgentView,
    unassigned: Vec<UnassignedView>,
    result: DeletedCounts,
}

#[derive(Serialize)]
struct DeletedCounts {
    deleted: u32,
    unassigned: usize,
}

async fn delete(
    admin: Admin,
    id: Id<AgentId>,
    desk: web::Data<Desk>,
) -> Result<web::Json<DeletedView>> {
    let (agent, unassigned) = agents::delete(&desk, id.0, admin.actor()).await?;
    let unassigned = unassigned_views(unassigned);
    let result = DeletedCounts { deleted: 1, unassigned: unassigned.len() };
    Ok(web::Json(DeletedView { agent: agent.into(), unassigned, result }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetRole {
    #[serde(deserialize_with = "parse::word")]
    role: Role,
}

async fn set_role(
    admin: Admin,
    id: Id<AgentId>,
    body: Body<SetRole>,
    desk: web::Data<Desk>,
) -> Result<web::Json<AgentView>> {
    let agent = agents::set_role(&desk, id.0, body.value.role, admin.actor()).await?;
    Ok(web::Json(agent.into()))
}

async fn invite_again(
    request: HttpRequest,
    _: Admin,
    id: Id<AgentId>,
    desk: web::Data<Desk>,
) -> Result<web::Json<InvitedView>> {
    let (agent, link) = agents::invite_again(&desk, id.0).await?;
    let invitation = Some(LinkView::new(&link, &desk, &request));
    Ok(web::Json(InvitedView { agent: agent.into(), invitation }))
}

async fn end_sessions(
    _: Admin,
    id: Id<AgentId>,
    desk: web::Data<Desk>,
) -> Result<web::Json<Value>> {
    let ended = sessions::end_all(&desk, id.0, None).await?;
    Ok(web::Json(json!({ "id": id.0, "result": { "ended": ended } })))
}

#[derive(Serialize)]
struct AssigneeView {
    id: AgentId,
    name: String,
    online: bool,
}

impl From<Assignee> for AssigneeView {
    fn from(it: Assignee) -> Self {
        Self { id: it.id, name: it.name, online: it.online }
    }
}

async fn list_assignees(
    _: SignedIn,
    paging: Paging,
    desk: web::Data<Desk>,
) -> Result<web::Json<List<AssigneeView>>> {
    let all = agents::assignees(&desk).await?;
    Ok(web::Json(List::whole(all.into_iter().map(AssigneeView::from), &paging)?))
}
