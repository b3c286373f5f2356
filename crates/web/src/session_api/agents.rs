//! People with an account, for admins; and the names others need to assign conversations.

use actix_web::{HttpRequest, http::header, web};
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
use url::Url;
use utoipa::ToSchema;

use crate::{
    body::Body,
    error::Result,
    idempotency::IdempotencyKey,
    openapi::{Created, word},
    page::{List, Paging},
    parse,
    path::Id,
    routes::Routes,
    session::{Admin, SignedIn},
};

pub(crate) fn routes(routes: &mut Routes) {
    routes.get("/api/agents", Action::ManageAgents, list).about("List agents");
    routes.post("/api/agents", Action::ManageAgents, create).about("Create or invite an agent");
    routes.patch("/api/agents/{id}", Action::ManageAgents, change).about("Change an agent");
    routes.delete("/api/agents/{id}", Action::ManageAgents, delete).about("Delete an agent");
    routes.post("/api/agents/{id}/role", Action::ManageAgents, set_role).about("Change a role");
    routes
        .post("/api/agents/{id}/invitation", Action::ManageAgents, invite_again)
        .about("Make a new invitation link");
    routes
        .delete("/api/agents/{id}/sessions", Action::ManageAgents, end_sessions)
        .about("End all sessions of an agent");
    routes
        .get("/api/assignees", Action::ListAssignees, list_assignees)
        .about("List whom a conversation may be assigned to");
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AgentView {
    #[schema(value_type = Uuid)]
    id: AgentId,
    name: String,
    email: String,
    #[schema(schema_with = word::<Role>)]
    role: &'static str,
    is_active: bool,
    /// No password chosen yet.
    invited: bool,
    #[schema(format = DateTime)]
    last_seen_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
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
#[derive(Serialize, ToSchema)]
struct InvitedView {
    #[serde(flatten)]
    agent: AgentView,
    invitation: Option<LinkView>,
}

#[derive(Serialize, ToSchema)]
struct LinkView {
    link: String,
    #[schema(format = DateTime)]
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateAgent {
    name: String,
    email: String,
    #[serde(deserialize_with = "parse::word")]
    #[schema(schema_with = word::<Role>)]
    role: Role,
    password: Option<String>,
}

async fn create(
    request: HttpRequest,
    admin: Admin,
    key: IdempotencyKey,
    body: Body<CreateAgent>,
    desk: web::Data<Desk>,
) -> Result<Created<InvitedView>> {
    let claim = key.claim(&body);
    let new = NewAgent {
        name: body.value.name,
        email: body.value.email,
        role: body.value.role,
        password: body.value.password.map(Secret::new),
    };
    let (agent, link) = agents::create(&desk, new, admin.actor(), claim).await?;
    let invitation = link.map(|it| LinkView::new(&it, &desk, &request));
    Ok(Created(InvitedView { agent: agent.into(), invitation }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeAgent {
    #[serde(default, deserialize_with = "parse::present")]
    name: Option<String>,
    #[serde(default, deserialize_with = "parse::present")]
    email: Option<String>,
    #[serde(default, deserialize_with = "parse::present")]
    is_active: Option<bool>,
    /// Your own, needed where `email` changes: that is where a new password is sent.
    #[serde(default, deserialize_with = "parse::present")]
    current_password: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ChangedView {
    #[serde(flatten)]
    agent: AgentView,
    /// The conversations a disabled agent lost.
    unassigned: Vec<UnassignedView>,
}

#[derive(Serialize, ToSchema)]
struct UnassignedView {
    #[schema(value_type = Uuid)]
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
    let ChangeAgent { name, email, is_active, current_password } = body.value;
    let current_password = current_password.map(Secret::new);
    let changes = Changes { name, email, is_active };
    let (agent, unassigned) =
        agents::change_by(&desk, &admin.0, id.0, changes, current_password).await?;
    let unassigned = unassigned_views(unassigned);
    Ok(web::Json(ChangedView { agent: agent.into(), unassigned }))
}

#[derive(Serialize, ToSchema)]
#[schema(as = DeletedAgent)]
struct DeletedView {
    #[serde(flatten)]
    agent: AgentView,
    unassigned: Vec<UnassignedView>,
    result: DeletedCounts,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DeletedAgentCounts)]
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetRole {
    #[serde(deserialize_with = "parse::word")]
    #[schema(schema_with = word::<Role>)]
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
    admin: Admin,
    id: Id<AgentId>,
    desk: web::Data<Desk>,
) -> Result<web::Json<InvitedView>> {
    let (agent, link) = agents::invite_again(&desk, id.0, admin.actor()).await?;
    let invitation = Some(LinkView::new(&link, &desk, &request));
    Ok(web::Json(InvitedView { agent: agent.into(), invitation }))
}

#[derive(Serialize, ToSchema)]
struct EndedSessions {
    #[schema(value_type = Uuid)]
    id: AgentId,
    result: Ended,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Ended {
    pub ended: usize,
}

async fn end_sessions(
    me: Admin,
    id: Id<AgentId>,
    desk: web::Data<Desk>,
) -> Result<web::Json<EndedSessions>> {
    let ended = sessions::end_all(&desk, id.0, None, me.actor()).await?;
    Ok(web::Json(EndedSessions { id: id.0, result: Ended { ended } }))
}

#[derive(Serialize, ToSchema)]
struct AssigneeView {
    #[schema(value_type = Uuid)]
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
