//! Connected accounts: made, changed, tested and removed by admins.

pub mod accounts;
pub mod mail_configs;

use domain::{
    addresses::EmailAddress,
    channels::{Channel, ChannelType, Health},
    events::{Actor, Event},
    ids::{AgentId, ChannelId},
    jobs::{JobKind, JobState},
    mails::{Fate, MailConfig},
    text,
};
use storage::{Reader, Tx, channels, events, inbound, jobs};

use crate::{
    Desk, DeskError, Problems, Result,
    idempotency::{Claim, once},
    secrets,
};
use accounts::AccountError;
use connectors::email::check::{Step, check_imap, check_smtp};
use mail_configs::{Checked, MailPatch};

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
}

#[derive(Debug, Clone)]
pub struct NewChannel {
    pub kind: ChannelType,
    pub name: String,
    pub config: MailPatch,
    pub is_active: bool,
}

/// What to change; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ChannelPatch {
    pub kind: Option<ChannelType>,
    pub name: Option<String>,
    pub config: Option<MailPatch>,
    pub is_active: Option<bool>,
}

/// The addresses of all e-mail channels.
pub(crate) fn addresses(db: &Reader<'_>) -> Result<Vec<EmailAddress>> {
    let channels = channels::all(db)?;
    let mails = channels.iter().filter(|it| it.kind == ChannelType::Email);
    let texts = mails.filter_map(|it| it.config.get("address")?.as_str());
    Ok(texts.filter_map(|it| EmailAddress::parse(it).ok()).collect())
}

/// Only e-mail works yet.
pub fn require_available(kind: ChannelType) -> Result<()> {
    match kind {
        ChannelType::Email => Ok(()),
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
    let checked = mail_configs::check(new.config, None, &[], &mut problems);
    problems.finish()?;
    let (Some(name), Some(checked)) = (name, checked) else {
        return Err(DeskError::Internal("a channel without problems was incomplete".to_owned()));
    };
    let (keys, now) = (desk.keys.clone(), desk.clock.now());
    let config = document(&checked.config)?;
    desk.store
        .write(move |tx| {
            let make = |tx: &Tx<'_>| {
                let channel = Channel {
                    id: ChannelId::new(),
                    kind: new.kind,
                    name,
                    config,
                    is_active: new.is_active,
                    created_at: now,
                    updated_at: now,
                    deleted_at: None,
                };
                refuse_twin(tx, &channel)?;
                channels::insert(tx, &channel)?;
                secrets::apply(tx, &keys, channel.id.0, &checked.secrets, now)?;
                let event = Event::ChannelCreated { channel_id: channel.id };
                events::append(tx, None, event, Actor::Agent(by), now)?;
                Ok((channel.id.0, state(tx, channel)?))
            };
            let load = |tx: &Tx<'_>, id| state(tx, existing(tx, ChannelId(id))?);
            once(tx, claim.as_ref(), now, load, make)
        })
        .await
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
    desk.store
        .write(move |tx| {
            let mut channel = existing(tx, id)?;
            let mut problems = Problems::default();
            if patch.kind.is_some_and(|it| it != channel.kind) {
                problems.add("type", "cannot be changed; make another channel");
            }
            let name = patch.name.map(|it| problems.check("name", text::line(&it, MAX_NAME)));
            let checked = match patch.config {
                Some(patch) => {
                    let before = mail_config(&channel)?;
                    let set = channels::secret_names(tx, id.0)?;
                    mail_configs::check(patch, Some(&before), &set, &mut problems)
                }
                None => None,
            };
            problems.finish()?;
            let imap = mail_config(&channel)?.imap;
            let fields = merge(&mut channel, name.flatten(), checked.as_ref(), patch.is_active)?;
            if fields.is_empty() {
                return state(tx, channel);
            }
            channel.updated_at = now;
            refuse_twin(tx, &channel)?;
            channels::update(tx, &channel)?;
            if let Some(checked) = &checked {
                if checked.config.imap.username != imap.username {
                    channels::forget_folders(tx, id)?;
                } else if checked.config.imap.host != imap.host {
                    // A moved mailbox counts anew; what it still has of the old one is known by content.
                    channels::doubt_folders(tx, id)?;
                }
                secrets::apply(tx, &keys, id.0, &checked.secrets, now)?;
            }
            let event = Event::ChannelChanged { channel_id: id, fields };
            events::append(tx, None, event, Actor::Agent(by), now)?;
            state(tx, channel)
        })
        .await
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
    if let Some(checked) = checked {
        let config = document(&checked.config)?;
        if config != channel.config || !checked.secrets.is_empty() {
            channel.config = config;
            fields.push("config");
        }
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
    desk.store
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
                channels::delete_secret(tx, id.0, name)?;
            }
            let event = Event::ChannelDeleted { channel_id: id };
            events::append(tx, None, event, Actor::Agent(by), now)?;
            Ok(before)
        })
        .await
}

/// Connects to both servers as a watcher or sender would, and tells how far it came.
pub async fn test(desk: &Desk, id: ChannelId) -> Result<Vec<Step>> {
    let channel = desk.store.read(move |db| existing(db, id)).await?;
    let imap = async {
        match accounts::imap(desk, &channel).await {
            Ok(account) => Ok(check_imap(&account).await),
            Err(error) => not_set_up("IMAP", error),
        }
    };
    let smtp = async {
        match accounts::smtp(desk, &channel).await {
            Ok(account) => Ok(check_smtp(&account).await),
            Err(error) => not_set_up("SMTP", error),
        }
    };
    let (imap, smtp) = tokio::join!(imap, smtp);
    Ok([imap?, smtp?].concat())
}

fn not_set_up(protocol: &str, error: AccountError) -> Result<Vec<Step>> {
    match error {
        AccountError::Desk(error) => Err(error),
        other => Ok(vec![Step {
            name: format!("{protocol}: settings"),
            ok: false,
            detail: other.to_string(),
        }]),
    }
}

/// The configuration of an e-mail channel.
pub fn mail_config(channel: &Channel) -> Result<MailConfig> {
    serde_json::from_value(channel.config.clone()).map_err(|error| {
        DeskError::Internal(format!("the configuration of channel {}: {error}", channel.id))
    })
}

fn document(config: &MailConfig) -> Result<serde_json::Value> {
    serde_json::to_value(config).map_err(|error| DeskError::Internal(error.to_string()))
}

pub(crate) fn existing(db: &Reader<'_>, id: ChannelId) -> Result<Channel> {
    let found = channels::find(db, id)?.filter(|it| it.deleted_at.is_none());
    found.ok_or(DeskError::NotFound("channel"))
}

/// Two watchers of one mailbox would each take half of the mail.
fn refuse_twin(tx: &Tx<'_>, channel: &Channel) -> Result<()> {
    if !channel.is_active {
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
    Ok(ChannelState {
        health: health(db, id)?,
        secrets: channels::secret_names(db, id.0)?,
        backlog: count(Fate::Pending) + waiting_to_leave,
        quarantined: count(Fate::Quarantined),
        channel,
    })
}

/// How the channel fares. A backfill that was given up is told until another one is asked for, unless
/// there is worse.
fn health(db: &Reader<'_>, id: ChannelId) -> Result<Health> {
    let mut health = channels::health(db, id)?;
    let backfill = jobs::find(db, JobKind::BackfillMail, id.0)?;
    if let Some(job) = backfill.filter(|it| it.state == JobState::Dead)
        && health.receive_error.is_none()
    {
        let reason = job.last_error.as_deref().unwrap_or("of an unknown reason");
        health.receive_error =
            Some(format!("older mail could not be brought in; ask for it again: {reason}"));
        health.receive_error_at = Some(job.run_at);
    }
    Ok(health)
}

/// The lane in which a channel's messages leave, one after another.
pub fn send_lane(id: ChannelId) -> String {
    format!("channel {id}")
}
