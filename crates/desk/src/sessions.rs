//! Signed-in browsers: who a cookie belongs to, the list of one's sessions, ending them.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{
    Timestamp,
    addresses::EmailAddress,
    agents::{Agent, Role},
    events::{Actor, Event},
    ids::{AgentId, ApiKeyId, SessionId},
    policy::{Caller, Denied},
    sessions::Session,
};
use storage::{Reader, Tx, agents, api_keys, events, links, sessions};
use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;

use crate::{
    Desk, DeskError, Result,
    tokens::{Token, TokenHash},
};

/// With what somebody got in.
#[derive(Debug, Clone)]
pub enum Credential {
    Session(Session),
    Key(ApiKeyId),
}

/// An agent and what they got in with, both valid at the time they were asked for.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub credential: Credential,
    pub agent: AgentId,
    pub name: String,
    pub email: EmailAddress,
    pub role: Role,
}

impl SignedIn {
    pub fn caller(&self) -> Caller {
        let (agent, role) = (self.agent, self.role);
        match &self.credential {
            Credential::Session(it) => Caller::Agent { id: agent, role, session: Some(it.id) },
            Credential::Key(id) => Caller::Key { id: *id, agent, role },
        }
    }

    /// The session, where it is one: the policy lets no key get to what needs one.
    pub fn session(&self) -> Result<SessionId> {
        match &self.credential {
            Credential::Session(it) => Ok(it.id),
            Credential::Key(_) => Err(Denied::NotWithKey.into()),
        }
    }

    pub fn actor(&self) -> Actor {
        Actor::Agent(self.agent)
    }

    /// The key, where it is one.
    pub fn key(&self) -> Option<ApiKeyId> {
        match &self.credential {
            Credential::Session(_) => None,
            Credential::Key(id) => Some(*id),
        }
    }

    /// Whose `Idempotency-Key`s these are: two programs of one agent know nothing of each other.
    pub fn scope(&self) -> Uuid {
        match &self.credential {
            Credential::Session(_) => self.agent.0,
            Credential::Key(id) => id.0,
        }
    }

    /// Of the session or key itself.
    pub fn credential_id(&self) -> Uuid {
        match &self.credential {
            Credential::Session(it) => it.id.0,
            Credential::Key(id) => id.0,
        }
    }
}

/// What each of those who got in before may do by now; `None` when their session is over, their key
/// was revoked, or they cannot work any more. Asks the database: for streams that stay open.
pub async fn roles_now(desk: &Desk, asked: Vec<SignedIn>) -> Result<Vec<Option<Role>>> {
    let (inner, now) = (desk.clone(), desk.clock.now());
    let role_now = move |db: &Reader<'_>, who: &SignedIn| {
        let Some(agent) = agents::find(db, who.agent)?.filter(Agent::can_work) else {
            return Ok::<_, DeskError>(None);
        };
        Ok(match &who.credential {
            Credential::Session(it) => sessions::find(db, it.id)?
                .filter(|it| is_alive(&inner, it, now))
                .map(|_| agent.role),
            Credential::Key(id) => api_keys::find(db, *id)?.and_then(|it| it.role_now(&agent, now)),
        })
    };
    desk.store.read(move |db| asked.iter().map(|who| role_now(db, who)).collect()).await
}

/// Where a request comes from, as far as we believe it.
#[derive(Debug, Clone, Default)]
pub struct Client {
    pub ip: Option<IpAddr>,
    pub user_agent: Option<String>,
}

/// A session that was just made; the token goes into the cookie and nowhere else.
#[derive(Debug)]
pub struct NewSession {
    pub token: Token,
    pub session: Session,
    pub agent: Agent,
}

/// How long an answer from the database may be used again. What the command line changes in
/// another process (sessions, roles) takes effect within this time; our own changes at once.
const REMEMBERED: Duration = Duration::from_secs(3);
const MOST_REMEMBERED: usize = 10_000;
/// Sessions looked up in the database at one time.
const LOOK_UPS: usize = 32;
/// `last_seen` is a write: at most once a minute for each session.
const TOUCHED_EVERY_MILLIS: i64 = 60_000;

/// Who a session cookie belongs to. `None`: it is over, or never was.
pub async fn authenticate(desk: &Desk, token: &Token, client: &Client) -> Result<Option<SignedIn>> {
    let hash = token.hash();
    let now = desk.clock.now();
    let generation = desk.sessions.generation();
    // What is remembered may be behind: only the database says that a session is over.
    let remembered = desk.sessions.recall(&hash).filter(|it| is_alive(desk, &it.session, now));
    let found = match remembered {
        Some(it) => Some(it),
        None => look_up(desk, hash, now, generation).await?,
    };
    let Some(found) = found else { return Ok(None) };
    if !is_alive(desk, &found.session, now) {
        bury(desk, found.session.id, now).await;
        return Ok(None);
    }
    touch(desk, &hash, &found.session, client, now);
    Ok(Some(SignedIn {
        credential: Credential::Session(found.session),
        agent: found.agent.id,
        name: found.agent.name,
        email: found.agent.email,
        role: found.agent.role,
    }))
}

/// Removes a session that is over at `now`: a clock set back must not bring it to life again.
async fn bury(desk: &Desk, id: SessionId, now: Timestamp) {
    let within = desk.clone();
    let removed = desk.store.write(move |tx| {
        // Another request of it may have come in time and said so since it was read.
        match sessions::find(tx, id)? {
            Some(it) if !is_alive(&within, &it, now) => sessions::delete(tx, id),
            _ => Ok(()),
        }
    });
    let removed = removed.await;
    if let Err(error) = removed {
        tracing::warn!(%error, "A session that is over could not be removed");
    }
    desk.sessions.forget_all();
}

/// After a restart all browsers come back at once: few look at a time, so that the others wait
/// here and leave the readers to those who work. Whom somebody looked up meanwhile is known then.
async fn look_up(
    desk: &Desk,
    hash: TokenHash,
    now: Timestamp,
    generation: u64,
) -> Result<Option<Known>> {
    let _turn = desk.sessions.look_ups.acquire().await;
    if let Some(it) = desk.sessions.recall(&hash).filter(|it| is_alive(desk, &it.session, now)) {
        return Ok(Some(it));
    }
    let found = desk.store.read(move |db| load(db, &hash)).await?;
    if let Some(it) = &found {
        desk.sessions.remember(hash, it.clone(), generation);
    }
    Ok(found)
}

/// A session with its agent, as they were read.
#[derive(Debug, Clone)]
struct Known {
    session: Session,
    agent: Agent,
}

fn load(db: &storage::Reader<'_>, hash: &TokenHash) -> Result<Option<Known>> {
    let Some(session) = sessions::find_by_token(db, hash)? else { return Ok(None) };
    let agent = agents::find(db, session.agent_id)?.filter(Agent::can_work);
    Ok(agent.map(|agent| Known { session, agent }))
}

fn is_alive(desk: &Desk, session: &Session, now: Timestamp) -> bool {
    let idle = i64::try_from(desk.options.session_idle.as_millis()).unwrap_or(i64::MAX);
    now < session.expires_at && now.since(session.last_seen_at) < idle
}

/// Notes in the background that a session was used; the request does not wait for the write.
fn touch(desk: &Desk, hash: &TokenHash, session: &Session, client: &Client, now: Timestamp) {
    let due = now.since(session.last_seen_at) >= TOUCHED_EVERY_MILLIS;
    if !due || !desk.sessions.begin_touch(session.id) {
        return;
    }
    let (id, agent) = (session.id, session.agent_id);
    let ip = client.ip.map(|it| it.to_string());
    let (desk, hash) = (desk.clone(), *hash);
    tokio::spawn(async move {
        let written = desk
            .store
            .write(move |tx| {
                sessions::touch(tx, id, ip.as_deref(), now)?;
                agents::touch(tx, agent, now)?;
                Ok::<_, DeskError>(())
            })
            .await;
        match written {
            Ok(()) => desk.sessions.seen(&hash, now),
            Err(error) => tracing::warn!(%error, "Could not note that a session was used"),
        }
        desk.sessions.end_touch(id);
    });
}

/// Makes a session for `agent` inside the transaction that decided they may have one.
pub(crate) fn start(
    desk: &Desk,
    tx: &Tx<'_>,
    agent: Agent,
    client: &Client,
    now: Timestamp,
) -> Result<NewSession> {
    let lifetime = i64::try_from(desk.options.session_lifetime.as_millis()).unwrap_or(i64::MAX);
    let idle = i64::try_from(desk.options.session_idle.as_millis()).unwrap_or(i64::MAX);
    let token = Token::random();
    let session = Session {
        id: SessionId::new(),
        agent_id: agent.id,
        ip: client.ip.map(|it| it.to_string()),
        user_agent: client.user_agent.clone(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus_millis(lifetime),
    };
    sessions::insert(tx, &session, &token.hash())?;
    sessions::delete_over(tx, now, now.plus_millis(idle.saturating_neg()))?;
    links::delete_expired(tx, now)?;
    agents::touch(tx, agent.id, now)?;
    Ok(NewSession { token, session, agent })
}

/// An agent's own sessions, last used first.
pub async fn list(desk: &Desk, agent: AgentId) -> Result<Vec<Session>> {
    let now = desk.clock.now();
    let mut all = desk.store.read(move |db| Ok::<_, DeskError>(sessions::list(db, agent)?)).await?;
    all.retain(|it| is_alive(desk, it, now));
    Ok(all)
}

/// Ends one of the agent's own sessions.
pub async fn end(desk: &Desk, agent: AgentId, id: SessionId) -> Result<Session> {
    let ended = desk
        .store
        .write(move |tx| {
            let session = sessions::find(tx, id)?
                .filter(|it| it.agent_id == agent)
                .ok_or(DeskError::NotFound("session"))?;
            sessions::delete(tx, id)?;
            Ok::<_, DeskError>(session)
        })
        .await?;
    desk.sessions.forget_all();
    Ok(ended)
}

/// Ends all sessions of an agent, but for `except`. Returns how many there were.
pub async fn end_all(
    desk: &Desk,
    agent: AgentId,
    except: Option<SessionId>,
    actor: Actor,
) -> Result<usize> {
    let now = desk.clock.now();
    let ended = desk
        .store
        .write(move |tx| {
            agents::find(tx, agent)?.ok_or(DeskError::NotFound("agent"))?;
            let ended = sessions::delete_of(tx, agent, except)?;
            if ended > 0 {
                let event = Event::SessionsEnded { agent_id: agent, count: ended as u64 };
                events::append(tx, None, event, actor, now)?;
            }
            Ok::<_, DeskError>(ended)
        })
        .await?;
    desk.sessions.forget_all();
    Ok(ended)
}

/// Answers of the last few seconds, so that a busy browser does not ask the database each time.
pub struct SessionCache {
    known: Mutex<HashMap<TokenHash, (Instant, Known)>>,
    touching: Mutex<HashSet<SessionId>>,
    /// Raised whenever a session or an agent changed: an answer read before that is not kept.
    generation: AtomicU64,
    changed: Notify,
    look_ups: Semaphore,
}

impl Default for SessionCache {
    fn default() -> Self {
        Self {
            known: Mutex::default(),
            touching: Mutex::default(),
            generation: AtomicU64::default(),
            changed: Notify::new(),
            look_ups: Semaphore::new(LOOK_UPS),
        }
    }
}

impl SessionCache {
    fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    fn recall(&self, hash: &TokenHash) -> Option<Known> {
        let known = lock(&self.known);
        let (at, it) = known.get(hash)?;
        (at.elapsed() < REMEMBERED).then(|| it.clone())
    }

    fn remember(&self, hash: TokenHash, it: Known, generation: u64) {
        let mut known = lock(&self.known);
        if self.generation() != generation {
            return;
        }
        if known.len() >= MOST_REMEMBERED {
            known.retain(|_, (at, _)| at.elapsed() < REMEMBERED);
        }
        if known.len() < MOST_REMEMBERED {
            known.insert(hash, (Instant::now(), it));
        }
    }

    /// To be called after every change to sessions, roles or accounts.
    pub(crate) fn forget_all(&self) {
        let mut known = lock(&self.known);
        self.generation.fetch_add(1, Ordering::SeqCst);
        known.clear();
        self.changed.notify_one();
    }

    /// Returns when a session, a role or an account changed since this was asked last.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn seen(&self, hash: &TokenHash, now: Timestamp) {
        if let Some((_, it)) = lock(&self.known).get_mut(hash) {
            it.session.last_seen_at = now;
        }
    }

    fn begin_touch(&self, id: SessionId) -> bool {
        lock(&self.touching).insert(id)
    }

    fn end_touch(&self, id: SessionId) {
        lock(&self.touching).remove(&id);
    }
}

/// What a panicking thread left behind is still a valid map.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
