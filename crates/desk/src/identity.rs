//! Set-up, signing in and out.

use domain::{
    Timestamp,
    addresses::EmailAddress,
    agents::{Agent, Role},
    events::{Actor, Event},
    ids::AgentId,
    sessions::LinkPurpose,
    text,
    workspace::Workspace,
};
use storage::{Tx, agents, events, links, sessions, workspace};

use crate::{
    Desk, DeskError, Problems, Result,
    keys::Purpose,
    options::Secret,
    passwords::{self, Verdict},
    sessions::{Client, NewSession},
    throttles::Brake,
    tokens::Token,
};

/// A server may stand for a while before somebody sets it up; each start makes a new link.
const SETUP_LINK_SECONDS: i64 = 30 * 24 * 3600;

/// What the set-up asks for.
#[derive(Debug)]
pub struct Setup {
    pub token: Option<Token>,
    pub workspace: String,
    pub name: String,
    pub email: String,
    pub password: Secret,
}

/// A new set-up token, to be shown on the operator's screen; `None` once there is an agent.
/// Earlier ones stop working.
pub async fn setup_token(desk: &Desk) -> Result<Option<Token>> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            if agents::any(tx)? {
                links::delete_of(tx, LinkPurpose::Setup, None)?;
                return Ok(None);
            }
            let token = Token::random();
            let expires_at = now.plus_seconds(SETUP_LINK_SECONDS);
            links::put(tx, LinkPurpose::Setup, None, &token.hash(), now, expires_at)?;
            Ok(Some(token))
        })
        .await
}

/// Whether nobody has set the desk up yet.
pub async fn setup_is_open(desk: &Desk) -> Result<bool> {
    desk.store.read(|db| Ok::<_, DeskError>(!agents::any(db)?)).await
}

/// Makes the workspace and its first admin, and signs them in. Of two at once one succeeds.
pub async fn set_up(desk: &Desk, setup: Setup, client: Client) -> Result<NewSession> {
    const GONE: DeskError = DeskError::NotFound("set-up link");
    let now = desk.clock.now();
    let token = setup.token.ok_or(GONE)?.hash();
    // Before anything is validated: a stranger learns nothing, and hashing costs time.
    let known = desk
        .store
        .read(move |db| {
            Ok::<_, DeskError>(
                !agents::any(db)? && links::find(db, LinkPurpose::Setup, &token, now)?.is_some(),
            )
        })
        .await?;
    if !known {
        return Err(GONE);
    }

    let mut problems = Problems::default();
    let workspace_name = problems.check("workspace", text::line(&setup.workspace, 120));
    let name = problems.check("name", text::line(&setup.name, 120));
    let email = problems.check("email", EmailAddress::parse(&setup.email));
    problems.check("password", passwords::check(setup.password.reveal()));
    let checked = workspace_name.zip(name).zip(email);
    let ((workspace_name, name), email) = problems.finish_with(checked)?;
    let password_hash = desk.passwords.hash(&setup.password).await?;

    let inner = desk.clone();
    let made = desk
        .store
        .write(move |tx| {
            if agents::any(tx)? || links::take(tx, LinkPurpose::Setup, &token, now)?.is_none() {
                return Err(GONE);
            }
            workspace::put(tx, &Workspace::new(workspace_name, now))?;
            let admin = Agent {
                id: AgentId::new(),
                name,
                email,
                role: Role::Admin,
                is_active: true,
                has_password: true,
                last_seen_at: Some(now),
                created_at: now,
                updated_at: now,
                deleted_at: None,
            };
            agents::insert(tx, &admin, Some(&password_hash))?;
            let event = Event::AgentCreated { agent_id: admin.id };
            events::append(tx, None, event, Actor::System, now)?;
            crate::sessions::start(&inner, tx, admin, &client, now)
        })
        .await?;
    tracing::info!(agent.id = %made.agent.id, "Set up the workspace with its first admin");
    Ok(made)
}

/// A sign-in: what the person typed, and what the browser brought along.
#[derive(Debug)]
pub struct SignIn {
    pub email: String,
    pub password: Secret,
    /// The session the browser had; it ends, whoever it belonged to.
    pub previous: Option<Token>,
    /// What [`device_mark`] gave this browser when it signed in before.
    pub device: Option<String>,
}

/// Signs an agent in. A wrong address, a wrong password and a disabled account look the same and
/// take the same time.
pub async fn sign_in(desk: &Desk, it: SignIn, client: Client) -> Result<NewSession> {
    let now = desk.clock.now();
    let email = EmailAddress::parse(&it.email).ok();
    let typed = email.as_ref().map_or(it.email.as_str(), EmailAddress::as_str).to_owned();
    // A browser that signed in here before has a brake of its own: its owner gets in while
    // strangers guess at the account, from the same network even.
    let brakes = match it.device.filter(|device| knows_device(desk, device, &typed)) {
        Some(device) => Brakes { guessed: Brake::device(&device), network: None },
        None => {
            Brakes { guessed: Brake::account(&typed), network: Some(Brake::network(client.ip)) }
        }
    };
    let counted = brakes.clone();
    let (agent, stored) = desk
        .store
        .write(move |tx| {
            counted.count(tx, now)?;
            let agent = email.map(|it| agents::find_by_email(tx, &it)).transpose()?.flatten();
            let agent = agent.filter(Agent::can_work);
            let stored = agent.as_ref().map(|it| agents::password_hash(tx, it.id)).transpose()?;
            Ok::<_, DeskError>((agent, stored.flatten()))
        })
        .await?;

    let known = agent.as_ref().map(|it| it.id);
    let verdict = desk.passwords.verify(&it.password, stored).await?;
    let Some(agent) = agent.filter(|_| verdict != Verdict::Wrong) else {
        record_failure(desk, known).await?;
        // Whoever opened the address before the link would try in vain for ever.
        if setup_is_open(desk).await? {
            let message = "nobody has set up this desk yet: open the link the server printed";
            return Err(DeskError::conflict(message));
        }
        return Err(DeskError::WrongCredentials);
    };

    let inner = desk.clone();
    let made = desk
        .store
        .write(move |tx| {
            // Somebody may have disabled the account while the password was compared.
            let agent = agents::find(tx, agent.id)?
                .filter(Agent::can_work)
                .ok_or(DeskError::WrongCredentials)?;
            brakes.release(tx)?;
            if let Verdict::RightRenewed(hash) = &verdict {
                agents::set_password_hash(tx, agent.id, hash, now)?;
            }
            if let Some(previous) = &it.previous {
                sessions::delete_by_token(tx, &previous.hash())?;
            }
            let event = Event::SignedIn { agent_id: agent.id };
            events::append(tx, None, event, Actor::Agent(agent.id), now)?;
            crate::sessions::start(&inner, tx, agent, &client, now)
        })
        .await?;
    desk.sessions.forget_all();
    tracing::info!(agent.id = %made.agent.id, "Agent signed in");
    Ok(made)
}

/// Makes sure that who is signed in also knows the password; returns its hash.
///
/// # Errors
/// Invalid `current_password`, and `TooMany` after several wrong ones.
pub(crate) async fn prove(desk: &Desk, agent: AgentId, current: &Secret) -> Result<Option<String>> {
    let now = desk.clock.now();
    let brake = Brake::current_password(agent);
    let counted = brake.clone();
    let stored = desk
        .store
        .write(move |tx| {
            counted.count(tx, now)?;
            Ok::<_, DeskError>(agents::password_hash(tx, agent)?)
        })
        .await?;
    if desk.passwords.verify(current, stored.clone()).await? == Verdict::Wrong {
        return Err(DeskError::invalid("current_password", "is wrong"));
    }
    desk.store.write(move |tx| brake.forget(tx)).await?;
    Ok(stored)
}

#[derive(Clone)]
struct Brakes {
    guessed: Brake,
    network: Option<Brake>,
}

impl Brakes {
    fn count(&self, tx: &Tx<'_>, now: Timestamp) -> Result<()> {
        self.guessed.count(tx, now)?;
        self.network.as_ref().map_or(Ok(()), |it| it.count(tx, now))
    }

    fn release(&self, tx: &Tx<'_>) -> Result<()> {
        self.guessed.forget(tx)?;
        self.network.as_ref().map_or(Ok(()), |it| it.refund(tx))
    }
}

async fn record_failure(desk: &Desk, agent_id: Option<AgentId>) -> Result<()> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            events::append(tx, None, Event::SignInFailed { agent_id }, Actor::System, now)?;
            Ok(())
        })
        .await
}

/// Ends the session of this token. Fine when there is none: the person wants to be signed out.
pub async fn sign_out(desk: &Desk, token: Option<Token>) -> Result<()> {
    let Some(token) = token else { return Ok(()) };
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let hash = token.hash();
            if let Some(session) = sessions::find_by_token(tx, &hash)? {
                sessions::delete(tx, session.id)?;
                let agent_id = session.agent_id;
                let event = Event::SignedOut { agent_id };
                events::append(tx, None, event, Actor::Agent(agent_id), now)?;
            }
            Ok::<_, DeskError>(())
        })
        .await?;
    desk.sessions.forget_all();
    Ok(())
}

/// What a browser keeps so that its owner can still sign in while strangers guess at the account.
pub fn device_mark(desk: &Desk, email: &EmailAddress) -> String {
    let nonce = Token::random();
    let signature = desk.keys.sign(Purpose::Device, &device_parts(&nonce, email.as_str()));
    let hex: String = signature.iter().map(|it| format!("{it:02x}")).collect();
    format!("{}.{hex}", nonce.reveal())
}

fn knows_device(desk: &Desk, device: &str, email: &str) -> bool {
    let Some((nonce, hex)) = device.split_once('.') else { return false };
    let Some(nonce) = Token::parse(nonce) else { return false };
    let bytes: Option<Vec<u8>> = (0..hex.len())
        .step_by(2)
        .map(|it| hex.get(it..it + 2).and_then(|byte| u8::from_str_radix(byte, 16).ok()))
        .collect();
    let Some(signature) = bytes else { return false };
    desk.keys.verify(Purpose::Device, &device_parts(&nonce, email), &signature)
}

fn device_parts<'a>(nonce: &'a Token, email: &'a str) -> [&'a [u8]; 2] {
    [nonce.reveal().as_bytes(), email.as_bytes()]
}
