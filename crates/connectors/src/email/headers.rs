//! Header values: identifiers, dates, and the signs that no person wrote a mail.

use mail_parser::{Header, HeaderName, HeaderValue};

use super::lines;

/// RFC 5322 §2.1.1: no line, so no identifier, is longer.
pub const MAX_ID: usize = 998;
const MAX_REFERENCES: usize = 100;
const MAX_VALUE: usize = 998;

/// What classification looks at. Text as sent, one line, at most 998 characters each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signals {
    pub auto_submitted: Option<String>,
    pub precedence: Option<String>,
    pub list_id: Option<String>,
    pub list_unsubscribe: bool,
    pub x_auto_response_suppress: Option<String>,
    /// Any of the headers by which vacation programs name themselves.
    pub autoreply: bool,
    /// Empty for the null return path of bounces, `<>`.
    pub return_path: Option<String>,
    pub x_loop: Vec<String>,
    /// Our own loop header. Anyone can write it: only a verified value counts.
    pub loop_header: Vec<String>,
    pub failed_recipients: Vec<String>,
}

pub const LOOP_HEADER: &str = "X-Deskbell-Loop";

const AUTOREPLY: [&str; 6] = [
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponse",
    "X-AutoReply-From",
    "X-Mail-Autoreply",
    "X-MS-Exchange-Inbox-Rules-Loop",
];

pub fn signals(raw: &[u8], headers: &[Header<'_>]) -> Signals {
    let one = |name: &str| texts(raw, headers, name).next();
    Signals {
        auto_submitted: one("Auto-Submitted"),
        precedence: one("Precedence"),
        list_id: one("List-ID"),
        list_unsubscribe: one("List-Unsubscribe").is_some(),
        x_auto_response_suppress: one("X-Auto-Response-Suppress"),
        autoreply: AUTOREPLY.iter().any(|it| one(it).is_some()),
        return_path: one("Return-Path").map(|it| it.trim_matches(['<', '>', ' ']).to_owned()),
        x_loop: texts(raw, headers, "X-Loop").take(10).collect(),
        loop_header: texts(raw, headers, LOOP_HEADER).take(10).collect(),
        failed_recipients: texts(raw, headers, "X-Failed-Recipients")
            .flat_map(|it| it.split(',').map(|it| it.trim().to_owned()).collect::<Vec<_>>())
            .filter(|it| !it.is_empty())
            .take(100)
            .collect(),
    }
}

/// The values of every header of this name, unfolded, not decoded.
pub fn texts<'x>(
    raw: &'x [u8],
    headers: &'x [Header<'_>],
    name: &'x str,
) -> impl Iterator<Item = String> + 'x {
    headers.iter().filter(move |it| it.name.as_str().eq_ignore_ascii_case(name)).map(|it| {
        let bytes = raw.get(it.offset_start as usize..it.offset_end as usize).unwrap_or_default();
        let bytes = &bytes[..bytes.len().min(4 * MAX_VALUE)];
        lines::line(&String::from_utf8_lossy(bytes), MAX_VALUE)
    })
}

/// The decoded text of the first header of this name.
pub fn decoded(headers: &[Header<'_>], name: &HeaderName<'_>, max: usize) -> Option<String> {
    let value = headers.iter().find(|it| it.name == *name)?;
    let text = match &value.value {
        HeaderValue::Text(text) => lines::line(text, max),
        HeaderValue::TextList(list) => lines::line(list.first()?, max),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

pub fn message_id(headers: &[Header<'_>]) -> Option<String> {
    ids(headers, &HeaderName::MessageId).into_iter().next()
}

/// Identifiers without angle brackets; the newest 100, newest last.
pub fn ids(headers: &[Header<'_>], name: &HeaderName<'_>) -> Vec<String> {
    let mut ids: Vec<String> = headers
        .iter()
        .filter(|it| it.name == *name)
        .flat_map(|it| match &it.value {
            HeaderValue::Text(text) => vec![text.as_ref()],
            HeaderValue::TextList(list) => list.iter().map(AsRef::as_ref).collect(),
            _ => Vec::new(),
        })
        .filter_map(clean_id)
        .collect();
    ids.drain(..ids.len().saturating_sub(MAX_REFERENCES));
    ids
}

/// An identifier as we compare it: no brackets, spaces or controls. None when nothing is left, or more
/// than 998 bytes.
pub fn clean_id(raw: &str) -> Option<String> {
    let id: String = raw
        .chars()
        .take(2 * MAX_ID)
        .filter(|it| !it.is_control() && !it.is_whitespace() && !matches!(it, '<' | '>'))
        .collect();
    (!id.is_empty() && id.len() <= MAX_ID).then_some(id)
}

/// Milliseconds UTC. A date before 1990 or after 2100 says nothing about when a mail was written.
pub fn date(headers: &[Header<'_>]) -> Option<i64> {
    let value = headers.iter().find(|it| it.name == HeaderName::Date)?;
    let HeaderValue::DateTime(date) = &value.value else { return None };
    if !date.is_valid() {
        return None;
    }
    let seconds = date.to_timestamp();
    (631_152_000..4_102_444_800).contains(&seconds).then_some(seconds * 1000)
}
