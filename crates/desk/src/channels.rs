//! Connected accounts: made, changed, tested and removed by admins.

pub mod accounts;
mod configs;
pub mod mail_configs;
mod trials;
pub mod webchat_configs;

use domain::{
    addresses::EmailAddress,
    audit::differences,
    channels::{Channel, ChannelType, Health},
    events::{Actor, Event},
    ids::{AgentId, ChannelId},
    jobs::{JobKind, JobState},
    mails::Fate,
    text,
};
use serde_json::{Value, json};
use storage::{Reader, Tx, channels, events, inbound, jobs, secrets as sealed, visitors};

use crate::{
    Desk, DeskError, Problems, Result,
    idempotency::{Claim, once},
    mailboxes::progress::{self, BackfillState},
    options::Secret,
    secrets,
};
use configs::Checked;

pub use configs::{ConfigPatch, mail_config, webchat_config};
pub use trials::test;

const MAX_NAME: usize = 100;

/// A channel with how it fares.
#[derive(Debug, Clone)]
pub struct ChannelState {
    pub channel: Channel,
    pub health: Health,
    /// Names of the secrets that are set, e.g. `imap.password`.
    pub secrets: Vec<String>,
    /// Mails that wait to become messages, messages that wait to leave.
    pub backlog: u64,
    /// Mails set aside that somebody should look at.
    pub quarantined: u64,
    /// Older mail that was asked for and is not all in.
    pub backfill: Option<BackfillState>,
    /// A secret that was made just now: told once.
    pub new_secret: Option<Secret>,
}

#[derive(Debug, Clone)]
pub struct NewChannel {
    pub kind: ChannelType,
    pub name: String,
    pub config: ConfigPatch,
    pub is_active: bool,
}

/// What to change; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ChannelPatch {
    pub kind: Option<ChannelType>,
    pub name: Option<String>,
    pub config: Option<ConfigPatch>,
    pub is_active: Option<bool>,
}

/// The addresses of all e-mail channels.
pub(crate) fn addresses(db: &Reader<'_>) -> Result<Vec<EmailAddress>> {
    let channels = channels::all(db)?;
    let mails = channels.iter().filter(|it| it.kind == ChannelType::Email);
    let texts = mails.filter_map(|it| it.config.get("address")?.as_str());
    Ok(texts.filter_map(|it| EmailAddress::parse(it).ok()).collect())
}

/// Only e-mail and web chat work yet.
pub fn require_available(kind: ChannelType) -> Result<()> {
    match kind {
        ChannelType::Email | ChannelType::Webchat => Ok(()),
        other => Err(DeskError::NotAvailable(other.as_str())),
    }
}

pub async fn create(
    desk: &Desk,
    by: AgentId,
    new: NewChannel,
    claim: Option<Claim>,
) -> Result<ChannelState> {
    require_available(new.kind)?;
    let mut problems = Problems::default();
    let name = problems.check("name", text::line(&new.name, MAX_NAME));
    let checked = configs::check(new.config, None, &[], &mut problems)?;
    problems.finish()?;
    let (Some(name), Some(checked)) = (name, checked) else {
        return Err(DeskError::Internal("a channel without problems was incomplete".to_owned()));
    };
    let (keys, now) = (desk.keys.clone(), desk.clock.now());
    let made = desk
        .store
        .write(move |tx| {
            let make = |tx: &Tx<'_>| {
                let channel = Channel {
                    id: ChannelId::new(),
                    kind: new.kind,
                    name,
                    config: checked.config,
                    is_active: new.is_active,
                    created_at: now,
                    updated_at: now,
                    deleted_at: None,
                };
                refuse_twin(tx, &channel)?;
                require_mailbox(tx, &channel)?;
                channels::insert(tx, &channel)?;
                secrets::apply(tx, &keys, channel.id.0, &checked.secrets, now)?;
                let event = Event::ChannelCreated { channel_id: channel.id };
                events::append(tx, None, event, Actor::Agent(by), now)?;
                let state = ChannelState { new_secret: checked.new_secret, ..state(tx, channel)? };
                Ok((state.channel.id.0, state))
            };
            let load = |tx: &Tx<'_>, id| state(tx, existing(tx, ChannelId(id))?);
            once(tx, claim.as_ref(), now, load, make)
        })
        .await?;
    desk.sites.forget();
    Ok(made)
}

/// All channels, oldest first.
pub async fn list(desk: &Desk) -> Result<Vec<ChannelState>> {
    desk.store.read(|db| channels::all(db)?.into_iter().map(|it| state(db, it)).collect()).await
}

pub async fn find(desk: &Desk, id: ChannelId) -> Result<ChannelState> {
    desk.store.read(move |db| state(db, existing(db, id)?)).await
}

pub async fn update(
    desk: &Desk,
    by: AgentId,
    id: ChannelId,
    patch: ChannelPatch,
) -> Result<ChannelState> {
    let (keys, now) = (desk.keys.clone(), desk.clock.now());
    let changed = desk
        .store
        .write(move |tx| {
            let mut channel = existing(tx, id)?;
            let mut problems = Problems::default();
            if patch.kind.is_some_and(|it| it != channel.kind) {
                problems.add("type", "cannot be changed; make another channel");
            }
            let name = patch.name.map(|it| problems.check("name", text::line(&it, MAX_NAME)));
            let set = sealed::names(tx, id.0)?;
            let checked = match patch.config {
                Some(patch) => configs::check(patch, Some(&channel), &set, &mut problems)?,
                None => None,
            };
            problems.finish()?;
            let before = channel.clone();
            let fields = merge(&mut channel, name.flatten(), checked.as_ref(), patch.is_active)?;
            if fields.is_empty() {
                return state(tx, channel);
            }
            channel.updated_at = now;
            refuse_twin(tx, &channel)?;
            require_mailbox(tx, &channel)?;
            channels::update(tx, &channel)?;
            let mut changes = differences(&described(&before), &described(&channel));
            for it in checked.iter().flat_map(|it| &it.secrets) {
                let word = match (&it.to, set.iter().any(|name| name == it.name)) {
                    (Some(_), true) => "changed",
                    (Some(_), false) => "set",
                    (None, _) => "cleared",
                };
                changes.insert(format!("config.{}", it.name), word.into());
            }
            let mut new_secret = None;
            if let Some(checked) = checked {
                if channel.kind == ChannelType::Email {
                    follow_mailbox(tx, &before, &channel)?;
                }
                secrets::apply(tx, &keys, id.0, &checked.secrets, now)?;
                new_secret = checked.new_secret;
                if new_secret.is_some() {
                    // Whoever had the old secret could have been anybody.
                    visitors::delete_signed_tokens(tx, id)?;
                }
            }
            let event = Event::ChannelChanged { channel_id: id, fields, changes };
            events::append(tx, None, event, Actor::Agent(by), now)?;
            Ok(ChannelState { new_secret, ..state(tx, channel)? })
        })
        .await?;
    desk.sites.forget();
    Ok(changed)
}

fn follow_mailbox(tx: &Tx<'_>, before: &Channel, after: &Channel) -> Result<()> {
    let (before, id) = (mail_config(before)?.imap, after.id);
    let after = mail_config(after)?.imap;
    if after.username != before.username {
        channels::forget_folders(tx, id)?;
    } else if after.host != before.host {
        // A moved mailbox counts anew; what it still has of the old one is known by content.
        channels::doubt_folders(tx, id)?;
    }
    Ok(())
}

/// A chat's replies can only go out over a mailbox that is there.
fn require_mailbox(tx: &Tx<'_>, channel: &Channel) -> Result<()> {
    if channel.kind != ChannelType::Webchat {
        return Ok(());
    }
    let Some(id) = webchat_config(channel)?.email_channel_id else { return Ok(()) };
    let found = channels::find(tx, id)?;
    match found.filter(|it| it.deleted_at.is_none() && it.kind == ChannelType::Email) {
        Some(_) => Ok(()),
        None => Err(DeskError::invalid("config.email_channel_id", "is no e-mail channel")),
    }
}

/// What may change of a channel; its secrets stand elsewhere.
fn described(it: &Channel) -> Value {
    json!({ "name": it.name, "is_active": it.is_active, "config": it.config })
}

/// Puts the changes in and names the fields that are different now.
fn merge(
    channel: &mut Channel,
    name: Option<String>,
    checked: Option<&Checked>,
    is_active: Option<bool>,
) -> Result<Vec<&'static str>> {
    let mut fields = Vec::new();
    if let Some(name) = name.filter(|it| *it != channel.name) {
        channel.name = name;
        fields.push("name");
    }
    if let Some(checked) = checked
        && (checked.config != channel.config || !checked.secrets.is_empty())
    {
        channel.config.clone_from(&checked.config);
        fields.push("config");
    }
    if let Some(is_active) = is_active.filter(|it| *it != channel.is_active) {
        channel.is_active = is_active;
        fields.push("is_active");
    }
    Ok(fields)
}

/// Removes a channel. Its conversations stay readable under its name; its secrets go at once.
///
/// # Errors
/// A conflict when it has conversations and `force` is not set.
pub async fn delete(desk: &Desk, by: AgentId, id: ChannelId, force: bool) -> Result<ChannelState> {
    let now = desk.clock.now();
    let gone = desk
        .store
        .write(move |tx| {
            let before = state(tx, existing(tx, id)?)?;
            if !force && channels::has_conversations(tx, id)? {
                let message = "this channel has conversations; delete it with ?force=true to keep \
                    them readable and stop the channel";
                return Err(DeskError::conflict(message));
            }
            let mut channel = before.channel.clone();
            channel.is_active = false;
            channel.updated_at = now;
            channel.deleted_at = Some(now);
            channels::update(tx, &channel)?;
            for name in &before.secrets {
                sealed::delete(tx, id.0, name)?;
            }
            let event = Event::ChannelDeleted { channel_id: id };
            events::append(tx, None, event, Actor::Agent(by), now)?;
            Ok::<_, DeskError>(before)
        })
        .await?;
    desk.sites.forget();
    Ok(gone)
}

pub(crate) fn existing(db: &Reader<'_>, id: ChannelId) -> Result<Channel> {
    let found = channels::find(db, id)?.filter(|it| it.deleted_at.is_none());
    found.ok_or(DeskError::NotFound("channel"))
}

/// Two watchers of one mailbox would each take half of the mail.
fn refuse_twin(tx: &Tx<'_>, channel: &Channel) -> Result<()> {
    if !channel.is_active || channel.kind != ChannelType::Email {
        return Ok(());
    }
    let address = |it: &Channel| it.config.get("address").cloned();
    let twin = channels::all(tx)?.into_iter().find(|it| {
        it.id != channel.id
            && it.is_active
            && it.kind == channel.kind
            && address(it) == address(channel)
    });
    match twin {
        Some(twin) => Err(DeskError::Conflict {
            message: "another active channel has this address".to_owned(),
            existing_id: Some(twin.id.0),
        }),
        None => Ok(()),
    }
}

pub(crate) fn state(db: &Reader<'_>, channel: Channel) -> Result<ChannelState> {
    let id = channel.id;
    let fates = inbound::unsettled(db, id)?;
    let count = |fate: Fate| fates.iter().find(|it| it.0 == fate).map_or(0, |it| it.1);
    let waiting_to_leave = jobs::count_in_lane(db, JobKind::SendMessage, &send_lane(id))?;
    let backfill = progress::of(db, id)?;
    Ok(ChannelState {
        health: health(db, id, backfill.as_ref())?,
        backfill,
        secrets: sealed::names(db, id.0)?,
        backlog: count(Fate::Pending) + waiting_to_leave,
        quarantined: count(Fate::Quarantined),
        new_secret: None,
        channel,
    })
}

/// How the channel fares. A backfill that was given up is told until another one is asked for, unless
/// there is worse.
fn health(db: &Reader<'_>, id: ChannelId, backfill: Option<&BackfillState>) -> Result<Health> {
    let mut health = channels::health(db, id)?;
    if let Some(backfill) = backfill.filter(|it| it.state == JobState::Dead)
        && health.receive_error.is_none()
    {
        let reason = backfill.error.as_deref().unwrap_or("of an unknown reason");
        health.receive_error =
            Some(format!("older mail could not be brought in; ask for it again: {reason}"));
        health.receive_error_at = Some(backfill.at);
    }
    Ok(health)
}

/// The lane in which a channel's messages leave, one after another.
pub fn send_lane(id: ChannelId) -> String {
    format!("channel {id}")
}
