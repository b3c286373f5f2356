//! The workspace's settings, and what people change about their own account.

use domain::{
    agents::Agent,
    audit::differences,
    business_hours::{Week, WeekDocument},
    events::{Actor, Event},
    phones::{self, PhoneError},
    text,
    workspace::Workspace,
    zone::{Day, Zone},
};
use serde_json::{Value, json};
use storage::{agents, events, links, sessions, workspace};

use crate::{
    Desk, DeskError, Problems, Result, identity, options::Secret, passwords, sessions::SignedIn,
    tokens::Token,
};

/// What an admin may change; `None` leaves it, `Some(None)` clears it.
#[derive(Debug, Default)]
pub struct Changes {
    pub name: Option<String>,
    pub time_zone: Option<String>,
    pub locale: Option<String>,
    pub default_country: Option<Option<String>>,
    pub send_delay_seconds: Option<u32>,
    pub signature: Option<Option<String>>,
    pub retention_days: Option<Option<u32>>,
    pub business_hours: Option<Option<WeekDocument>>,
    pub holidays: Option<Vec<String>>,
}

const NAME_LENGTH: usize = 120;
const SIGNATURE_LENGTH: usize = 10_000;
/// A century; more is the same as keeping for ever.
const LONGEST_RETENTION_DAYS: u32 = 36_500;
const MOST_HOLIDAYS: usize = 500;

pub async fn workspace(desk: &Desk) -> Result<Workspace> {
    desk.store.read(|db| workspace::find(db)?.ok_or(DeskError::NotFound("workspace"))).await
}

pub async fn change_workspace(desk: &Desk, changes: Changes, actor: Actor) -> Result<Workspace> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let before = workspace::find(tx)?.ok_or(DeskError::NotFound("workspace"))?;
            let mut after = before.clone();
            apply(&mut after, changes)?;
            let fields = changed_fields(&before, &after);
            if fields.is_empty() {
                return Ok(before);
            }
            after.updated_at = now;
            workspace::put(tx, &after)?;
            let changes = differences(&document(&before), &document(&after));
            events::append(tx, None, Event::SettingsChanged { fields, changes }, actor, now)?;
            Ok(after)
        })
        .await
}

fn apply(it: &mut Workspace, changes: Changes) -> Result<()> {
    let mut problems = Problems::default();
    if let Some(name) = changes.name
        && let Some(name) = problems.check("name", text::line(&name, NAME_LENGTH))
    {
        it.name = name;
    }
    if let Some(zone) = changes.time_zone
        && let Some(zone) = problems.check("time_zone", Zone::parse(&zone))
    {
        it.time_zone = zone.name().to_owned();
    }
    if let Some(locale) = changes.locale
        && let Some(locale) = problems.check("locale", locale_tag(&locale))
    {
        it.locale = locale;
    }
    if let Some(country) = changes.default_country {
        let country = country.map(|it| country_code(&it)).transpose();
        it.default_country = problems.check("default_country", country).flatten();
    }
    if let Some(seconds) = changes.send_delay_seconds {
        let most = Workspace::MAX_SEND_DELAY_SECONDS;
        if seconds > most {
            problems.add("send_delay_seconds", format!("must be 0 to {most}"));
        }
        it.send_delay_seconds = seconds;
    }
    if let Some(signature) = changes.signature {
        let signature = signature.map(|it| text::block(&it, SIGNATURE_LENGTH)).transpose();
        let signature = problems.check("signature", signature).flatten();
        it.signature = signature.filter(|it| !it.trim().is_empty());
    }
    if let Some(days) = changes.retention_days {
        if days.is_some_and(|it| !(1..=LONGEST_RETENTION_DAYS).contains(&it)) {
            let message = format!("must be 1 to {LONGEST_RETENTION_DAYS}, or null to keep all");
            problems.add("retention_days", message);
        }
        it.retention_days = days;
    }
    if let Some(week) = changes.business_hours {
        it.hours.week = week.and_then(|week| checked_week(&mut problems, &week));
    }
    if let Some(days) = changes.holidays {
        if days.len() > MOST_HOLIDAYS {
            problems.add("holidays", format!("at most {MOST_HOLIDAYS}"));
        }
        let days = days.iter().take(MOST_HOLIDAYS).enumerate();
        let days = days
            .filter_map(|(at, day)| problems.check(&format!("holidays[{at}]"), Day::parse(day)));
        it.hours.holidays = days.collect();
    }
    problems.finish()
}

fn checked_week(problems: &mut Problems, week: &WeekDocument) -> Option<Week> {
    let wrongs = match Week::parse(week) {
        Ok(week) => return Some(week),
        Err(wrongs) => wrongs,
    };
    for it in wrongs {
        problems.add(&format!("business_hours.{}", it.field), it.message);
    }
    None
}

fn changed_fields(before: &Workspace, after: &Workspace) -> Vec<&'static str> {
    let all = [
        ("name", before.name != after.name),
        ("time_zone", before.time_zone != after.time_zone),
        ("locale", before.locale != after.locale),
        ("default_country", before.default_country != after.default_country),
        ("send_delay_seconds", before.send_delay_seconds != after.send_delay_seconds),
        ("signature", before.signature != after.signature),
        ("retention_days", before.retention_days != after.retention_days),
        ("business_hours", before.hours.week != after.hours.week),
        ("holidays", before.hours.holidays != after.hours.holidays),
    ];
    all.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field).collect()
}

/// What may change, as the audit trail compares it.
fn document(it: &Workspace) -> Value {
    json!({
        "name": it.name,
        "time_zone": it.time_zone,
        "locale": it.locale,
        "default_country": it.default_country,
        "send_delay_seconds": it.send_delay_seconds,
        "signature": it.signature,
        "retention_days": it.retention_days,
        "business_hours": it.hours.week.as_ref().map(Week::document),
        "holidays": it.hours.holidays.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// BCP 47 by shape: a language and subtags, such as `en`, `pt-BR` or `zh-Hant-TW`.
fn locale_tag(text: &str) -> Result<String, &'static str> {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let language_ok =
        (2..=3).contains(&language.len()) && language.bytes().all(|it| it.is_ascii_alphabetic());
    let subtag_ok =
        |it: &str| (1..=8).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_alphanumeric());
    if text.len() <= 35 && language_ok && parts.all(subtag_ok) {
        return Ok(text.to_owned());
    }
    Err("must be a language tag such as en or pt-BR")
}

fn country_code(text: &str) -> Result<String, PhoneError> {
    phones::parse_country(text)?;
    Ok(text.trim().to_uppercase())
}

/// Changes one's own name.
pub async fn rename_self(desk: &Desk, who: &SignedIn, name: &str) -> Result<Agent> {
    let name = text::line(name, NAME_LENGTH).map_err(|it| DeskError::invalid("name", it))?;
    let changes = crate::agents::Changes { name: Some(name), ..Default::default() };
    Ok(crate::agents::change(desk, who.agent, changes, who.actor()).await?.0)
}

/// Changes one's own password. All other sessions end, and this one gets the token that is
/// returned instead of its old one.
pub async fn change_password(
    desk: &Desk,
    who: &SignedIn,
    current: Secret,
    new: Secret,
) -> Result<(Agent, Token)> {
    let (id, session, now) = (who.agent, who.session()?, desk.clock.now());
    passwords::check(new.reveal()).map_err(|it| DeskError::invalid("new_password", it))?;
    let stored = identity::prove(desk, id, &current).await?;
    let hash = desk.passwords.hash(&new).await?;
    let changed = desk
        .store
        .write(move |tx| {
            let agent = agents::find(tx, id)?.ok_or(DeskError::NotFound("agent"))?;
            if agents::password_hash(tx, id)? != stored {
                let message = "the password was changed meanwhile; try again";
                return Err(DeskError::conflict(message));
            }
            agents::set_password_hash(tx, id, &hash, now)?;
            links::delete_all_of(tx, id)?;
            sessions::delete_of(tx, id, Some(session))?;
            let token = Token::random();
            sessions::rotate(tx, session, &token.hash())?;
            let event = Event::PasswordChanged { agent_id: id };
            events::append(tx, None, event, Actor::Agent(id), now)?;
            Ok((agent, token))
        })
        .await?;
    desk.sessions.forget_all();
    tracing::info!(agent.id = %id, "Agent changed their password");
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_has_the_shape_of_a_language_tag() {
        for good in ["en", "id", "pt-BR", "zh-Hant-TW"] {
            assert!(locale_tag(good).is_ok(), "{good}");
        }
        for bad in ["", "e", "english", "en_US", "en-", "../en", "en-toolongsubtag"] {
            assert!(locale_tag(bad).is_err(), "{bad}");
        }
    }
}
