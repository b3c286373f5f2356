//! People with an account: adding, changing and removing them.

use domain::{
    addresses::EmailAddress,
    agents::{Agent, Role},
    events::{Actor, Event},
    ids::{AgentId, ConversationId},
    text,
};
use storage::{Tx, agents, api_keys, canned_replies, events, links, sessions};

use crate::{
    Desk, DeskError, Problems, Result, conversations,
    idempotency::{self, Claim},
    identity,
    invitations::{self, Link},
    options::Secret,
    passwords,
    sessions::SignedIn,
};

const NAME_LENGTH: usize = 120;

/// A new agent; without a password they get an invitation.
#[derive(Debug)]
pub struct NewAgent {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub password: Option<Secret>,
}

/// What an admin may change about an agent; `None` leaves it.
#[derive(Debug, Default)]
pub struct Changes {
    pub name: Option<String>,
    pub email: Option<String>,
    pub is_active: Option<bool>,
}

/// Somebody conversations can be given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignee {
    pub id: AgentId,
    pub name: String,
    pub online: bool,
}

/// Conversations that lost their agent, with the short number people know them by.
pub type Unassigned = Vec<(ConversationId, i64)>;

pub async fn list(desk: &Desk) -> Result<Vec<Agent>> {
    desk.store.read(|db| Ok(agents::list(db)?)).await
}

pub async fn find(desk: &Desk, id: AgentId) -> Result<Agent> {
    desk.store.read(move |db| agents::find(db, id)?.ok_or(DeskError::NotFound("agent"))).await
}

/// Who can be given conversations, by name.
pub async fn assignees(desk: &Desk) -> Result<Vec<Assignee>> {
    let (now, listeners) = (desk.clock.now(), desk.listeners.clone());
    desk.store
        .read(move |db| {
            let seen = sessions::agents_seen(db)?;
            let all = agents::list(db)?.into_iter().filter(Agent::can_work);
            let assignees = all.map(|it| {
                let online = listeners.is_online(it.id, seen.get(&it.id).copied(), now);
                Assignee { online, id: it.id, name: it.name }
            });
            Ok(assignees.collect())
        })
        .await
}

/// Adds an agent. The link is there when they still have to choose a password.
pub async fn create(
    desk: &Desk,
    new: NewAgent,
    actor: Actor,
    claim: Option<Claim>,
) -> Result<(Agent, Option<Link>)> {
    let mut problems = Problems::default();
    let name = problems.check("name", text::line(&new.name, NAME_LENGTH));
    let email = problems.check("email", EmailAddress::parse(&new.email));
    if let Some(password) = &new.password {
        problems.check("password", passwords::check(password.reveal()));
    }
    let (name, email) = problems.finish_with(name.zip(email))?;
    let password_hash = match &new.password {
        Some(password) => Some(desk.passwords.hash(password).await?),
        None => None,
    };
    let now = desk.clock.now();
    let inner = desk.clone();
    let load = |tx: &Tx<'_>, id: uuid::Uuid| {
        let agent = agents::find(tx, id.into())?.ok_or(DeskError::NotFound("agent"))?;
        Ok((agent, None))
    };
    let made = desk
        .store
        .write(move |tx| {
            idempotency::once(tx, claim.as_ref(), now, load, |tx| {
                refuse_taken(tx, &email, None)?;
                let agent = Agent {
                    id: AgentId::new(),
                    name,
                    email,
                    role: new.role,
                    is_active: true,
                    has_password: password_hash.is_some(),
                    last_seen_at: None,
                    created_at: now,
                    updated_at: now,
                    deleted_at: None,
                };
                agents::insert(tx, &agent, password_hash.as_deref())?;
                let event = Event::AgentCreated { agent_id: agent.id };
                events::append(tx, None, event, actor, now)?;
                let link = match agent.has_password {
                    true => None,
                    false => Some(invitations::invite(&inner, tx, &agent, actor, now)?),
                };
                Ok((agent.id.0, (agent, link)))
            })
        })
        .await?;
    tracing::info!(agent.id = %made.0.id, "Added an agent");
    Ok(made)
}

/// As [`change`], by somebody who knows their password where an e-mail address changes: that is where
/// a new password is sent, and a browser left alone takes no account over.
///
/// # Errors
/// `Invalid`, also of `current_password`; no key changes an address.
pub async fn change_by(
    desk: &Desk,
    by: &SignedIn,
    id: AgentId,
    changes: Changes,
    current_password: Option<Secret>,
) -> Result<(Agent, Unassigned)> {
    let email = changes.email.as_deref().and_then(|it| EmailAddress::parse(it).ok());
    let known = desk.store.read(move |db| Ok::<_, DeskError>(agents::find(db, id)?)).await?;
    if email.is_some_and(|it| known.is_some_and(|known| known.email != it)) {
        by.session()?;
        let Some(password) = current_password else {
            let message = "your own password is needed to change an e-mail address";
            return Err(DeskError::invalid("current_password", message));
        };
        identity::prove(desk, by.agent, &password).await?;
    }
    change(desk, id, changes, by.actor()).await
}

/// Changes an agent. Disabling one ends their sessions and takes their open conversations.
pub async fn change(
    desk: &Desk,
    id: AgentId,
    changes: Changes,
    actor: Actor,
) -> Result<(Agent, Unassigned)> {
    let mut problems = Problems::default();
    let name = changes.name.map(|it| problems.check("name", text::line(&it, NAME_LENGTH)));
    let email = changes.email.map(|it| problems.check("email", EmailAddress::parse(&it)));
    problems.finish()?;
    let now = desk.clock.now();
    let changed = desk
        .write(move |tx| {
            let before = agents::find(tx, id)?.ok_or(DeskError::NotFound("agent"))?;
            let mut agent = before.clone();
            agent.name = name.flatten().unwrap_or(agent.name);
            agent.email = email.flatten().unwrap_or(agent.email);
            agent.is_active = changes.is_active.unwrap_or(agent.is_active);
            let mut fields = Vec::new();
            if agent.name != before.name {
                fields.push("name");
            }
            if agent.email != before.email {
                fields.push("email");
                refuse_taken(tx, &agent.email, Some(id))?;
                links::delete_all_of(tx, id)?;
            }
            if agent.is_active != before.is_active {
                fields.push("is_active");
            }
            if fields.is_empty() {
                return Ok((agent, Unassigned::new()));
            }
            agent.updated_at = now;
            let unassigned = if before.is_active && !agent.is_active {
                refuse_last_admin(tx, &before)?;
                shut_out(tx, id, actor, now)?
            } else {
                Unassigned::new()
            };
            agents::update(tx, &agent)?;
            events::append(tx, None, Event::AgentChanged { agent_id: id, fields }, actor, now)?;
            Ok::<_, DeskError>((agent, unassigned))
        })
        .await?;
    desk.sessions.forget_all();
    Ok(changed)
}

/// Gives an agent another role. Their sessions end: what they may do was decided at sign-in.
pub async fn set_role(desk: &Desk, id: AgentId, role: Role, actor: Actor) -> Result<Agent> {
    let now = desk.clock.now();
    let changed = desk
        .store
        .write(move |tx| {
            let mut agent = agents::find(tx, id)?.ok_or(DeskError::NotFound("agent"))?;
            if agent.role == role {
                return Ok(agent);
            }
            refuse_last_admin(tx, &agent)?;
            let before = std::mem::replace(&mut agent.role, role);
            agent.updated_at = now;
            agents::update(tx, &agent)?;
            sessions::delete_of(tx, id, None)?;
            let event = Event::RoleChanged { agent_id: id, before, after: role };
            events::append(tx, None, event, actor, now)?;
            Ok::<_, DeskError>(agent)
        })
        .await?;
    desk.sessions.forget_all();
    Ok(changed)
}

/// Removes an agent: their name stays on messages, the address is free again.
pub async fn delete(desk: &Desk, id: AgentId, actor: Actor) -> Result<(Agent, Unassigned)> {
    let now = desk.clock.now();
    let deleted = desk
        .write(move |tx| {
            let before = agents::find(tx, id)?.ok_or(DeskError::NotFound("agent"))?;
            refuse_last_admin(tx, &before)?;
            let unassigned = shut_out(tx, id, actor, now)?;
            canned_replies::delete_of(tx, id)?;
            api_keys::revoke_of(tx, id, now)?;
            let gone = Agent { deleted_at: Some(now), updated_at: now, ..before.clone() };
            agents::update(tx, &gone)?;
            events::append(tx, None, Event::AgentDeleted { agent_id: id }, actor, now)?;
            Ok::<_, DeskError>((before, unassigned))
        })
        .await?;
    desk.sessions.forget_all();
    tracing::info!(agent.id = %id, "Deleted an agent");
    Ok(deleted)
}

/// Sends a new invitation to somebody who has not chosen a password yet.
pub async fn invite_again(desk: &Desk, id: AgentId, actor: Actor) -> Result<(Agent, Link)> {
    let now = desk.clock.now();
    let inner = desk.clone();
    desk.store
        .write(move |tx| {
            let agent = agents::find(tx, id)?.ok_or(DeskError::NotFound("agent"))?;
            if agent.has_password {
                return Err(DeskError::conflict("this agent has a password already"));
            }
            let link = invitations::invite(&inner, tx, &agent, actor, now)?;
            Ok((agent, link))
        })
        .await
}

/// Ends what lets somebody in and takes their open conversations from them.
fn shut_out(tx: &Tx<'_>, id: AgentId, actor: Actor, now: domain::Timestamp) -> Result<Unassigned> {
    sessions::delete_of(tx, id, None)?;
    links::delete_all_of(tx, id)?;
    storage::jobs::remove(tx, domain::jobs::JobKind::SendSystemMail, id.0)?;
    conversations::unassign_all(tx, id, actor, now)
}

fn refuse_last_admin(tx: &Tx<'_>, agent: &Agent) -> Result<()> {
    let is_admin = agent.role == Role::Admin && agent.is_active && agent.has_password;
    if is_admin && !agents::another_admin(tx, agent.id)? {
        let message = "this is the last admin; make somebody else an admin first";
        return Err(DeskError::conflict(message));
    }
    Ok(())
}

fn refuse_taken(tx: &Tx<'_>, email: &EmailAddress, except: Option<AgentId>) -> Result<()> {
    match agents::find_by_email(tx, email)?.filter(|it| Some(it.id) != except) {
        None => Ok(()),
        Some(other) => Err(DeskError::Conflict {
            message: "an agent with this e-mail address exists already".to_owned(),
            existing_id: Some(other.id.0),
        }),
    }
}
