//! Invitations: a link with which a new agent chooses a password.

use domain::{
    Timestamp,
    agents::Agent,
    events::{Actor, Event},
    sessions::LinkPurpose,
};
use storage::{Tx, events, links};

use crate::{
    Desk, Result,
    options::Secret,
    resets,
    sessions::{Client, NewSession},
    system_mail,
    tokens::Token,
};

/// Long enough for a weekend.
const VALID_SECONDS: i64 = 72 * 3600;

/// A link told once: to the admin who asked for it, and by mail.
#[derive(Debug)]
pub struct Link {
    pub token: Token,
    pub expires_at: Timestamp,
}

/// Makes an invitation; an earlier one stops working.
pub(crate) fn invite(
    desk: &Desk,
    tx: &Tx<'_>,
    agent: &Agent,
    actor: Actor,
    now: Timestamp,
) -> Result<Link> {
    let token = Token::random();
    let expires_at = now.plus_seconds(VALID_SECONDS);
    let purpose = LinkPurpose::Invitation;
    links::put(tx, purpose, Some(agent.id), &token.hash(), now, expires_at)?;
    system_mail::enqueue(desk, tx, purpose, agent, &token, now)?;
    events::append(tx, None, Event::AgentInvited { agent_id: agent.id }, actor, now)?;
    Ok(Link { token, expires_at })
}

/// Chooses the first password with an invitation, and signs in.
pub async fn accept(
    desk: &Desk,
    token: Option<Token>,
    password: Secret,
    client: Client,
) -> Result<NewSession> {
    resets::choose_password(desk, LinkPurpose::Invitation, token, password, client).await
}
