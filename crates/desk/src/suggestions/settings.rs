//! Which model drafts, if any: an OpenAI-compatible endpoint that an admin connects.

use connectors::{
    email::accounts::Secret as Key,
    models::{self, Endpoint, Role, Turn},
};
use domain::{
    Timestamp,
    audit::differences,
    events::Event,
    policy::{self, Action, Caller, Object},
    text,
};
use serde_json::{Value, json};
use storage::{
    Reader, events, secrets as sealed,
    suggestions::usage::{self, Month, Settings},
    workspace,
};
use url::{Host, Url};
use uuid::Uuid;

use crate::{
    Desk, DeskError, Keys, Problems, Result,
    options::Secret,
    secrets::{self, Change as SecretChange},
};

/// The workspace has one model: its key has no other owner.
const OWNER: Uuid = Uuid::nil();
const KEY: &str = "ai.key";
const LONGEST_URL: usize = 500;
const LONGEST_NAME: usize = 200;
const LONGEST_KEY: usize = 2_000;

/// The settings as an admin sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub settings: Option<Settings>,
    pub has_key: bool,
    /// The month in the workspace's zone, as `2026-11`, and what it used.
    pub month: String,
    pub used: Month,
    /// When the model's server failed last since it worked, and how.
    pub last_failure: Option<(Timestamp, String)>,
}

/// What to set; what is absent stays, `Some(None)` clears.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub base_url: Option<String>,
    pub model: Option<String>,
    pub key: Option<Option<Secret>>,
    pub monthly_tokens: Option<Option<u64>>,
    pub is_active: Option<bool>,
}

/// A model that may be asked.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub endpoint: Endpoint,
    pub monthly_tokens: Option<u64>,
}

pub async fn find(desk: &Desk, caller: Caller) -> Result<State> {
    policy::authorize(&caller, Action::ChangeSettings, Object::Any)?;
    let now = desk.clock.now();
    let last_failure = desk.models.last_failure();
    desk.store.read(move |db| state(db, now, last_failure)).await
}

fn state(
    db: &Reader<'_>,
    now: Timestamp,
    last_failure: Option<(Timestamp, String)>,
) -> Result<State> {
    let month = month(db, now)?;
    Ok(State {
        settings: usage::settings(db)?,
        has_key: sealed::find(db, OWNER, KEY)?.is_some(),
        used: usage::month(db, &month)?,
        month,
        last_failure,
    })
}

/// Connects a model, or changes how it is asked. A key never follows to another server.
///
/// # Errors
/// `Invalid` naming the fields, also when the address leads where we may not go.
pub async fn change(desk: &Desk, caller: Caller, change: Change) -> Result<State> {
    policy::authorize(&caller, Action::ChangeSettings, Object::Any)?;
    let now = desk.clock.now();
    let (keys, guard) = (desk.keys.clone(), desk.options.guard.clone());
    let changed = desk.store.write(move |tx| {
        let before = usage::settings(tx)?;
        let had_key = sealed::find(tx, OWNER, KEY)?.is_some();
        let (after, key) = checked(before.as_ref(), had_key, change, &guard, now)?;
        usage::put_settings(tx, &after)?;
        let key_changes = key.is_some();
        if let Some(to) = key {
            let change = SecretChange { name: KEY, to };
            secrets::apply(tx, &keys, OWNER, &[change], now)?;
        }
        let mut changes = differences(&document(before.as_ref()), &document(Some(&after)));
        if key_changes {
            changes.insert("key".to_owned(), json!("changed"));
        }
        let event = Event::AiSettingsChanged { changes };
        events::append(tx, None, event, caller.actor(), now)?;
        state(tx, now, None)
    });
    let changed = changed.await?;
    desk.models.forget();
    Ok(changed)
}

/// What may change, but for the key.
fn document(it: Option<&Settings>) -> Value {
    json!({
        "base_url": it.map(|it| &it.base_url),
        "model": it.map(|it| &it.model),
        "monthly_tokens": it.and_then(|it| it.monthly_tokens),
        "is_active": it.map(|it| it.is_active),
    })
}

type NewKey = Option<Option<Secret>>;

fn checked(
    before: Option<&Settings>,
    had_key: bool,
    change: Change,
    guard: &connectors::guard::Guard,
    now: Timestamp,
) -> Result<(Settings, NewKey)> {
    let mut problems = Problems::default();
    let base_url = change.base_url.or_else(|| before.map(|it| it.base_url.clone()));
    let base_url = base_url.unwrap_or_default();
    let url = problems.check("base_url", address(&base_url, guard));
    let model = change.model.or_else(|| before.map(|it| it.model.clone())).unwrap_or_default();
    let model = problems.check("model", text::line(&model, LONGEST_NAME));
    let mut key = change.key;
    if let Some(Some(it)) = &key
        && (it.reveal().is_empty() || it.reveal().len() > LONGEST_KEY || !is_token(it.reveal()))
    {
        let message = format!("must be 1 to {LONGEST_KEY} visible ASCII characters, or null");
        problems.add("key", message);
    }
    let origin = |it: &str| Url::parse(it).map(|it| it.origin()).ok();
    let moved = before.is_some_and(|it| origin(&it.base_url) != origin(&base_url));
    if moved && key.is_none() {
        key = Some(None);
    }
    let will_have_key = key.as_ref().map_or(had_key, Option::is_some);
    if will_have_key && url.as_ref().is_some_and(tells_the_key) {
        problems.add("base_url", "must be https, or the key travels for all to read");
    }
    problems.finish()?;
    let (Some(url), Some(model)) = (url, model) else {
        return Err(DeskError::Internal("a problem went unnoticed".to_owned()));
    };
    let settings = Settings {
        base_url: url.to_string(),
        model,
        monthly_tokens: change
            .monthly_tokens
            .unwrap_or_else(|| before.and_then(|it| it.monthly_tokens)),
        is_active: change.is_active.unwrap_or_else(|| before.is_none_or(|it| it.is_active)),
        updated_at: now,
    };
    Ok((settings, key))
}

fn address(text: &str, guard: &connectors::guard::Guard) -> Result<Url, String> {
    if text.len() > LONGEST_URL {
        return Err(format!("must be at most {LONGEST_URL} characters long"));
    }
    let example = "must be an address such as https://api.openai.com/v1";
    let url = Url::parse(text.trim()).map_err(|_| example.to_owned())?;
    guard.check(&url).map_err(|error| error.to_string())?;
    if url.query().is_some() || url.fragment().is_some() || url.cannot_be_a_base() {
        return Err(example.to_owned());
    }
    Ok(url)
}

/// Whether it goes in the clear to another machine. An address in figures is one the operator opened.
fn tells_the_key(url: &Url) -> bool {
    let own = matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)))
        || url.host_str() == Some("localhost");
    url.scheme() != "https" && !own
}

fn is_token(text: &str) -> bool {
    text.chars().all(|it| it.is_ascii_graphic())
}

/// The model, where one is connected and switched on.
pub(super) fn model(db: &Reader<'_>, keys: &Keys) -> Result<Option<Model>> {
    let Some(it) = usage::settings(db)?.filter(|it| it.is_active) else { return Ok(None) };
    let base_url = Url::parse(&it.base_url).map_err(|error| {
        DeskError::Internal(format!("the stored address of the model: {error}"))
    })?;
    let key = secrets::open(db, keys, OWNER, KEY)?.map(|it| Key::new(it.reveal()));
    let endpoint = Endpoint { base_url, model: it.model, key };
    Ok(Some(Model { endpoint, monthly_tokens: it.monthly_tokens }))
}

/// The month in the workspace's zone, as `2026-11`.
pub(super) fn month(db: &Reader<'_>, now: Timestamp) -> Result<String> {
    let workspace = workspace::find(db)?.ok_or(DeskError::NotFound("workspace"))?;
    let day = workspace.zone().day_of(now).to_string();
    Ok(day.chars().take(7).collect())
}

/// Whether this month's drafts left something of the budget.
pub(super) async fn within_budget(desk: &Desk, model: &Model) -> Result<bool> {
    let Some(most) = model.monthly_tokens else { return Ok(true) };
    let now = desk.clock.now();
    desk.store
        .read(move |db| {
            let month = month(db, now)?;
            Ok(usage::month(db, &month)?.tokens < most)
        })
        .await
}

/// What a real try gave: how many milliseconds it took, or what was wrong.
pub async fn test(desk: &Desk, caller: Caller) -> Result<Result<i64, String>> {
    policy::authorize(&caller, Action::ChangeSettings, Object::Any)?;
    let keys = desk.keys.clone();
    let model = desk.store.read(move |db| model(db, &keys)).await?;
    let Some(model) = model else {
        return Err(DeskError::conflict("connect a model and switch it on first"));
    };
    let turn = Turn { role: Role::User, content: "Answer with the word: ready".to_owned() };
    let started = std::time::Instant::now();
    let written = models::write(&model.endpoint, &desk.options.guard, &[turn], 20).await;
    match written {
        Ok(_) => {
            desk.models.forget();
            Ok(Ok(started.elapsed().as_millis() as i64))
        }
        Err(error) => Ok(Err(error.to_string())),
    }
}
