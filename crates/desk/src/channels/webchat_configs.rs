//! What an admin may configure of a web chat, checked field by field.

use domain::{
    ids::ChannelId,
    text,
    visitors::{
        EMAIL_AFTER_SECONDS, IDENTITY_SECRET, PreChatField, ReplyTime, WebOrigin, WebchatConfig,
        is_reserved,
    },
};

use crate::{Problems, options::Secret, secrets::Change, tokens::Token};

const MOST_ORIGINS: usize = 50;
const MOST_FIELDS: usize = 10;
const LONGEST_GREETING: usize = 500;
const LONGEST_LABEL: usize = 100;
/// As long as the name of a contact's attribute.
const LONGEST_FIELD: usize = 60;
/// A page that is loaded anew is gone for a moment; after a day nobody waits for an answer.
const ABSENCES: std::ops::RangeInclusive<u32> = 5..=86_400;

/// What to set; `Some(None)` clears.
#[derive(Debug, Clone, Default)]
pub struct WebchatPatch {
    pub allowed_origins: Option<Vec<String>>,
    pub greeting: Option<Option<String>>,
    pub color: Option<Option<String>>,
    pub reply_time: Option<ReplyTime>,
    pub pre_chat: Option<Vec<PreChatField>>,
    pub ask_rating: Option<bool>,
    pub enforce_identity: Option<bool>,
    pub email_channel_id: Option<Option<ChannelId>>,
    pub email_after_seconds: Option<u32>,
    /// Makes another secret; what was signed with the old one is good for nothing any more.
    pub new_identity_secret: bool,
}

/// A configuration that holds together, and its secret where a new one was made.
#[derive(Debug, Clone)]
pub struct Checked {
    pub config: WebchatConfig,
    pub new_secret: Option<Secret>,
}

impl Checked {
    pub fn secrets(&self) -> Vec<Change> {
        let new = self.new_secret.clone();
        new.map(|it| Change { name: IDENTITY_SECRET, to: Some(it) }).into_iter().collect()
    }
}

/// Merges a patch into what was there. None when something was noted in `problems`, each by the name of
/// its field.
pub fn check(
    patch: WebchatPatch,
    before: Option<&WebchatConfig>,
    problems: &mut Problems,
) -> Option<Checked> {
    let origins = match patch.allowed_origins {
        Some(texts) => origins(problems, &texts),
        None => before.map(|it| it.allowed_origins.clone()).or_else(|| Some(Vec::new())),
    };
    let greeting = patch.greeting.map(|it| {
        let kept = it.filter(|it| !it.trim().is_empty())?;
        problems.check("config.greeting", text::block(kept.trim(), LONGEST_GREETING))
    });
    let color = patch.color.map(|it| problems.check("config.color", color(&it?)));
    let pre_chat = match patch.pre_chat {
        Some(fields) => pre_chat(problems, fields),
        None => before.map(|it| it.pre_chat.clone()).or_else(|| Some(Vec::new())),
    };
    let absence = patch.email_after_seconds.or(before.map(|it| it.email_after_seconds));
    let absence = absence.unwrap_or(EMAIL_AFTER_SECONDS);
    if !ABSENCES.contains(&absence) {
        let (least, most) = (ABSENCES.start(), ABSENCES.end());
        problems.add("config.email_after_seconds", format!("must be from {least} to {most}"));
    }
    let flag = |patch: Option<bool>, before: Option<bool>, usual| patch.or(before).unwrap_or(usual);
    let config = WebchatConfig {
        allowed_origins: origins?,
        greeting: greeting.unwrap_or_else(|| before.and_then(|it| it.greeting.clone())),
        color: color.unwrap_or_else(|| before.and_then(|it| it.color.clone())),
        reply_time: patch.reply_time.or(before.map(|it| it.reply_time)).unwrap_or(ReplyTime::Hours),
        pre_chat: pre_chat?,
        ask_rating: flag(patch.ask_rating, before.map(|it| it.ask_rating), true),
        enforce_identity: flag(patch.enforce_identity, before.map(|it| it.enforce_identity), false),
        email_channel_id: patch
            .email_channel_id
            .unwrap_or_else(|| before.and_then(|it| it.email_channel_id)),
        email_after_seconds: absence,
    };
    let is_new = before.is_none() || patch.new_identity_secret;
    let new_secret = is_new.then(|| Secret::new(Token::random().reveal()));
    Some(Checked { config, new_secret })
}

fn origins(problems: &mut Problems, texts: &[String]) -> Option<Vec<WebOrigin>> {
    let field = "config.allowed_origins";
    if texts.len() > MOST_ORIGINS {
        problems.add(field, format!("at most {MOST_ORIGINS}"));
        return None;
    }
    let mut origins = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let origin = problems.check(&format!("{field}[{at}]"), WebOrigin::parse(text))?;
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    Some(origins)
}

fn color(text: &str) -> Result<String, &'static str> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.strip_prefix('#').unwrap_or_default();
    if digits.len() != 6 || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
        return Err("must be a color such as #1d4ed8");
    }
    Ok(text)
}

fn pre_chat(problems: &mut Problems, fields: Vec<PreChatField>) -> Option<Vec<PreChatField>> {
    if fields.len() > MOST_FIELDS {
        problems.add("config.pre_chat", format!("at most {MOST_FIELDS} fields"));
        return None;
    }
    let mut checked: Vec<PreChatField> = Vec::new();
    for (at, it) in fields.into_iter().enumerate() {
        let name = format!("config.pre_chat[{at}].field");
        let field = problems.check(&name, text::line(&it.field, LONGEST_FIELD));
        let label = format!("config.pre_chat[{at}].label");
        let label = problems.check(&label, text::line(&it.label, LONGEST_LABEL));
        let (field, label) = field.zip(label)?;
        if is_reserved(&field) {
            problems.add(&name, "is set by the desk itself; choose another name");
            return None;
        }
        if checked.iter().any(|it| it.field == field) {
            problems.add(&name, "stands twice");
            return None;
        }
        checked.push(PreChatField { field, label, required: it.required });
    }
    Some(checked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_chat_has_a_secret_and_a_change_keeps_it() {
        let mut problems = Problems::default();
        let made = check(WebchatPatch::default(), None, &mut problems).unwrap();
        assert!(made.new_secret.is_some() && made.config.allowed_origins.is_empty());
        let patch =
            WebchatPatch { color: Some(Some("#AABBCC".to_owned())), ..WebchatPatch::default() };
        let changed = check(patch, Some(&made.config), &mut problems).unwrap();
        assert!(changed.new_secret.is_none());
        assert_eq!(changed.config.color.as_deref(), Some("#aabbcc"));
        let patch = WebchatPatch { new_identity_secret: true, ..WebchatPatch::default() };
        let rotated = check(patch, Some(&changed.config), &mut problems).unwrap();
        assert!(rotated.new_secret.is_some_and(|it| Some(it) != made.new_secret));
        problems.finish().unwrap();
    }
}
