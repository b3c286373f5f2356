//! Choosing a new password with a link that came by mail.

use domain::{
    addresses::EmailAddress,
    agents::Agent,
    events::{Actor, Event},
    sessions::LinkPurpose,
};
use storage::{agents, events, links, sessions};

use crate::{
    Desk, DeskError, Result,
    options::Secret,
    passwords,
    sessions::{Client, NewSession},
    system_mail, throttles,
    tokens::Token,
};

const VALID_SECONDS: i64 = 30 * 60;
/// Mails an hour: to one account, and asked for from one network.
const MAILS_PER_ACCOUNT: u32 = 3;
const MAILS_PER_NETWORK: u32 = 10;

/// Sends a reset link to an address, if an agent who may sign in has it. Nothing tells the caller.
pub async fn ask(desk: &Desk, email: &str, client: &Client) -> Result<()> {
    let now = desk.clock.now();
    let email = EmailAddress::parse(email).ok();
    let network = throttles::network(client.ip);
    let inner = desk.clone();
    desk.store
        .write(move |tx| {
            let account = email.as_ref().map_or("", EmailAddress::as_str);
            let allowed = [
                throttles::within_hourly_limit(
                    tx,
                    "reset network",
                    &network,
                    MAILS_PER_NETWORK,
                    now,
                )?,
                throttles::within_hourly_limit(
                    tx,
                    "reset account",
                    account,
                    MAILS_PER_ACCOUNT,
                    now,
                )?,
            ];
            let agent = email.map(|it| agents::find_by_email(tx, &it)).transpose()?.flatten();
            let Some(agent) = agent.filter(Agent::can_work) else { return Ok(()) };
            if allowed.contains(&false) {
                tracing::info!(agent.id = %agent.id, "Too many reset mails were asked for");
                return Ok(());
            }
            let token = Token::random();
            let expires_at = now.plus_seconds(VALID_SECONDS);
            let purpose = LinkPurpose::Reset;
            links::put(tx, purpose, Some(agent.id), &token.hash(), now, expires_at)?;
            system_mail::enqueue(&inner, tx, purpose, &agent, &token, now)
        })
        .await
}

/// Chooses a new password with a reset link: every session ends, and a new one begins.
pub async fn confirm(
    desk: &Desk,
    token: Option<Token>,
    password: Secret,
    client: Client,
) -> Result<NewSession> {
    choose_password(desk, LinkPurpose::Reset, token, password, client).await
}

pub(crate) async fn choose_password(
    desk: &Desk,
    purpose: LinkPurpose,
    token: Option<Token>,
    password: Secret,
    client: Client,
) -> Result<NewSession> {
    const GONE: DeskError = DeskError::NotFound("link");
    let now = desk.clock.now();
    let token = token.ok_or(GONE)?.hash();
    // First, so that nobody without a link makes us hash.
    let known = desk
        .store
        .read(move |db| Ok::<_, DeskError>(links::find(db, purpose, &token, now)?.is_some()))
        .await?;
    if !known {
        return Err(GONE);
    }
    passwords::check(password.reveal()).map_err(|it| DeskError::invalid("password", it))?;
    let hash = desk.passwords.hash(&password).await?;

    let inner = desk.clone();
    let made = desk
        .store
        .write(move |tx| {
            let id = links::take(tx, purpose, &token, now)?.flatten().ok_or(GONE)?;
            let agent = agents::find(tx, id)?.filter(Agent::can_work).ok_or(GONE)?;
            agents::set_password_hash(tx, id, &hash, now)?;
            links::delete_all_of(tx, id)?;
            sessions::delete_of(tx, id, None)?;
            let event = match purpose {
                LinkPurpose::Invitation => Event::InvitationAccepted { agent_id: id },
                _ => Event::PasswordChanged { agent_id: id },
            };
            events::append(tx, None, event, Actor::Agent(id), now)?;
            let agent = Agent { has_password: true, updated_at: now, ..agent };
            crate::sessions::start(&inner, tx, agent, &client, now)
        })
        .await?;
    desk.sessions.forget_all();
    tracing::info!(agent.id = %made.agent.id, "Agent chose a new password");
    Ok(made)
}
