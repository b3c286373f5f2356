//! What a FETCH tells of a mail.

use async_imap::imap_proto::{AttributeValue, Response};
use domain::Timestamp;
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

/// What is known of a mail before it is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MailInfo {
    pub uid: u32,
    /// In bytes, as the server counts; 0 when it did not say.
    pub size: u32,
    /// When the server received it.
    pub received_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawMail {
    pub uid: u32,
    pub received_at: Option<Timestamp>,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    Mail(RawMail),
    /// Larger than the account allows; nothing of it was kept.
    TooLarge {
        size: u32,
    },
    /// Deleted or moved away since it was listed.
    Gone,
}

/// `None` for everything that is not a FETCH with a UID.
pub(super) fn info(response: &Response<'_>) -> Option<MailInfo> {
    let Response::Fetch(_, attributes) = response else { return None };
    let mut uid = None;
    let mut size = 0;
    let mut received_at = None;
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(it) => uid = Some(*it),
            AttributeValue::Rfc822Size(it) => size = *it,
            AttributeValue::InternalDate(it) => received_at = internal_date(it),
            _ => {}
        }
    }
    Some(MailInfo { uid: uid?, size, received_at })
}

pub(super) fn body<'a>(response: &'a Response<'_>) -> Option<&'a [u8]> {
    let Response::Fetch(_, attributes) = response else { return None };
    attributes.iter().find_map(|it| match it {
        AttributeValue::BodySection { section: None, data, .. } => data.as_deref(),
        _ => None,
    })
}

/// `17-Jul-1996 02:44:25 -0700`, the day perhaps with a leading space (RFC 3501 `date-time`).
fn internal_date(text: &str) -> Option<Timestamp> {
    const FORMAT: &[BorrowedFormatItem<'static>] = format_description!(
        "[day padding:none]-[month repr:short case_sensitive:false]-[year] [hour]:[minute]:[second] [offset_hour sign:mandatory][offset_minute]"
    );
    let time = OffsetDateTime::parse(text.trim_start(), FORMAT).ok()?;
    Some(Timestamp(time.unix_timestamp().saturating_mul(1000)))
}

/// The day for SEARCH: `1-Feb-1994`.
pub(super) fn search_day(at: Timestamp) -> String {
    const FORMAT: &[BorrowedFormatItem<'static>] =
        format_description!("[day padding:none]-[month repr:short]-[year]");
    at.to_offset_date_time().format(FORMAT).expect("a year of four digits prints")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_dates_are_read() {
        let cases = [
            ("17-Jul-1996 02:44:25 -0700", Some("1996-07-17T09:44:25.000Z")),
            (" 1-Feb-2026 00:00:00 +0000", Some("2026-02-01T00:00:00.000Z")),
            ("01-feb-2026 00:00:00 +0530", Some("2026-01-31T18:30:00.000Z")),
            ("yesterday", None),
            ("", None),
        ];
        for (text, want) in cases {
            let want = want.map(|it| Timestamp::parse(it).unwrap());
            assert_eq!(internal_date(text), want, "{text}");
        }
        assert_eq!(search_day(Timestamp::parse("1994-02-01T23:00:00Z").unwrap()), "1-Feb-1994");
    }
}
