//! API keys: making and revoking them, and who acts with one.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::{
    Timestamp,
    agents::{Agent, Role},
    api_keys::{ApiKey, Dialect},
    events::{Actor, Event},
    ids::{AgentId, ApiKeyId},
    text,
};
use storage::{Reader, Tx, agents, api_keys, events};

use crate::{
    Desk, DeskError, Problems, Result,
    idempotency::{self, Claim},
    identity,
    options::Secret,
    sessions::{Credential, SignedIn},
    tokens::{KeyToken, TokenHash},
};

const NAME_LENGTH: usize = 120;
/// Keys that work at one time; more than that nobody oversees.
const MOST: usize = 200;
/// `last_used_at` is a write: at most once a minute for each key.
const TOUCHED_EVERY_MILLIS: i64 = 60_000;

#[derive(Debug, Clone)]
pub struct NewKey {
    pub name: String,
    pub role: Role,
    pub dialect: Dialect,
    pub expires_at: Option<Timestamp>,
    /// Of who makes it: a browser left alone makes no key.
    pub current_password: Secret,
}

/// A key as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub key: ApiKey,
    pub creator_name: Option<String>,
    /// What it may do now; nothing when it is over or its maker cannot work.
    pub role_now: Option<Role>,
}

/// All keys that were not revoked, the newest first.
pub async fn list(desk: &Desk) -> Result<Vec<Listed>> {
    let now = desk.clock.now();
    desk.store
        .read(move |db| {
            api_keys::list(db)?.into_iter().map(|it| Ok(with_creator(db, it, now)?)).collect()
        })
        .await
}

/// Makes a key. The token is told this once; there is none when the same request made the key
/// before.
pub async fn create(
    desk: &Desk,
    new: NewKey,
    by: AgentId,
    claim: Option<Claim>,
) -> Result<(Listed, Option<KeyToken>)> {
    let now = desk.clock.now();
    let mut problems = Problems::default();
    let name = problems.check("name", text::line(&new.name, NAME_LENGTH));
    if new.expires_at.is_some_and(|it| it <= now) {
        problems.add("expires_at", "must be in the future");
    }
    let name = problems.finish_with(name)?;
    identity::prove(desk, by, &new.current_password).await?;
    let load = move |tx: &Tx<'_>, id: uuid::Uuid| {
        let key = api_keys::find(tx, ApiKeyId(id))?.ok_or(DeskError::NotFound("key"))?;
        Ok((with_creator(tx, key, now)?, None))
    };
    let made = desk
        .store
        .write(move |tx| {
            idempotency::once(tx, claim.as_ref(), now, load, |tx| {
                if api_keys::list(tx)?.len() >= MOST {
                    let message = format!("there are {MOST} keys; revoke those nobody needs");
                    return Err(DeskError::conflict(message));
                }
                let token = KeyToken::random();
                let key = ApiKey {
                    id: ApiKeyId::new(),
                    name,
                    prefix: token.prefix().to_owned(),
                    role: new.role,
                    dialect: new.dialect,
                    created_by: by,
                    created_at: now,
                    expires_at: new.expires_at,
                    last_used_at: None,
                    revoked_at: None,
                };
                api_keys::insert(tx, &key, &token.hash())?;
                let event = Event::ApiKeyCreated { key_id: key.id };
                events::append(tx, None, event, Actor::Agent(by), now)?;
                Ok((key.id.0, (with_creator(tx, key, now)?, Some(token))))
            })
        })
        .await?;
    tracing::info!(api_key.id = %made.0.key.id, "Made an API key");
    Ok(made)
}

/// Revokes a key: from now on nobody gets in with it.
pub async fn revoke(desk: &Desk, id: ApiKeyId, by: AgentId) -> Result<Listed> {
    let now = desk.clock.now();
    let revoked = desk
        .store
        .write(move |tx| {
            let key = api_keys::find(tx, id)?
                .filter(|it| it.revoked_at.is_none())
                .ok_or(DeskError::NotFound("key"))?;
            let was = with_creator(tx, key, now)?;
            api_keys::revoke(tx, id, now)?;
            let event = Event::ApiKeyRevoked { key_id: id };
            events::append(tx, None, event, Actor::Agent(by), now)?;
            Ok::<_, DeskError>(was)
        })
        .await?;
    // Streams opened with it end at once.
    desk.sessions.forget_all();
    tracing::info!(api_key.id = %id, "Revoked an API key");
    Ok(revoked)
}

/// Who acts with a key: the agent who made it, with no more than the key's role. `None`: it is
/// revoked, expired, or never was. Nothing is remembered, so a revoked key is dead at once.
pub async fn authenticate(desk: &Desk, token: &KeyToken) -> Result<Option<SignedIn>> {
    let (hash, now) = (token.hash(), desk.clock.now());
    let found = desk.store.read(move |db| load(db, &hash, now)).await?;
    let Some((key, signed_in)) = found else { return Ok(None) };
    touch(desk, &key, now);
    Ok(Some(signed_in))
}

fn load(db: &Reader<'_>, hash: &TokenHash, now: Timestamp) -> Result<Option<(ApiKey, SignedIn)>> {
    let Some(key) = api_keys::find_by_hash(db, hash)? else { return Ok(None) };
    let Some(agent) = agents::find(db, key.created_by)? else { return Ok(None) };
    let Some(role) = key.role_now(&agent, now) else { return Ok(None) };
    let signed_in = SignedIn {
        credential: Credential::Key(key.id),
        agent: agent.id,
        name: agent.name,
        email: agent.email,
        role,
    };
    Ok(Some((key, signed_in)))
}

fn with_creator(
    db: &Reader<'_>,
    key: ApiKey,
    now: Timestamp,
) -> Result<Listed, storage::StoreError> {
    let creator: Option<Agent> = agents::find(db, key.created_by)?;
    let role_now = creator.as_ref().and_then(|it| key.role_now(it, now));
    Ok(Listed { creator_name: creator.map(|it| it.name), role_now, key })
}

/// Notes in the background that a key was used; the request does not wait for the write.
fn touch(desk: &Desk, key: &ApiKey, now: Timestamp) {
    if !desk.key_uses.is_due(key, now) {
        return;
    }
    let (desk, id) = (desk.clone(), key.id);
    tokio::spawn(async move {
        let written = desk.store.write(move |tx| api_keys::touch(tx, id, now)).await;
        if let Err(error) = written {
            tracing::warn!(%error, "Could not note that a key was used");
        }
    });
}

/// When each key's use was last written down.
#[derive(Debug, Default)]
pub struct Uses(Mutex<HashMap<ApiKeyId, Timestamp>>);

impl Uses {
    /// Whether it is time to write again; the caller then does.
    fn is_due(&self, key: &ApiKey, now: Timestamp) -> bool {
        let recent =
            |at: Option<Timestamp>| at.is_some_and(|at| now.since(at) < TOUCHED_EVERY_MILLIS);
        if recent(key.last_used_at) {
            return false;
        }
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if recent(written.get(&key.id).copied()) {
            return false;
        }
        // There are few keys, but each could be revoked and made anew.
        if written.len() >= 2 * MOST {
            written.retain(|_, at| now.since(*at) < TOUCHED_EVERY_MILLIS);
        }
        written.insert(key.id, now);
        true
    }
}
