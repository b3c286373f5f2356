//! What an agent wants to write, before and after it was checked.

use connectors::email::plain::{self, Links};
use domain::{
    Timestamp,
    addresses::EmailAddress,
    ids::{AttachmentId, CannedReplyId, DraftId, MessageId},
    text,
};

use crate::{Problems, Result};

pub(crate) const LONGEST_TEXT: usize = 100_000;
/// Bytes.
pub(crate) const LARGEST_HTML: usize = 200_000;
pub(crate) const MOST_COPIES: usize = 50;
pub(crate) const MOST_ATTACHMENTS: usize = 20;
/// A message to be sent later than this was a slip of the finger.
const LATEST_SEND_SECONDS: i64 = 366 * 24 * 3600;

/// A message as it was asked for.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub text: String,
    pub html: Option<String>,
    /// A note only agents see.
    pub private: bool,
    pub attachments: Vec<AttachmentId>,
    pub cc: Vec<String>,
    pub bcc: Vec<String>,
    pub send_at: Option<Timestamp>,
    pub cancel_if_customer_writes: bool,
    /// The newest message its writer had seen.
    pub last_seen: Option<MessageId>,
    /// Send it even if somebody wrote since.
    pub force: bool,
    /// What it was written from: its use is counted, and what goes with it is done.
    pub canned_reply: Option<CannedReplyId>,
    /// The model's draft it was written from: its cost is this message's.
    pub suggestion: Option<DraftId>,
}

/// A draft whose every field is in order.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub text: String,
    pub html: Option<String>,
    pub private: bool,
    pub attachments: Vec<AttachmentId>,
    pub cc: Vec<EmailAddress>,
    pub bcc: Vec<EmailAddress>,
    pub send_at: Option<Timestamp>,
    pub cancel_if_customer_writes: bool,
    pub last_seen: Option<MessageId>,
    pub force: bool,
    pub canned_reply: Option<CannedReplyId>,
    pub suggestion: Option<DraftId>,
}

impl Draft {
    /// # Errors
    /// `Invalid` with all that is wrong.
    pub(crate) fn checked(self, now: Timestamp) -> Result<Checked> {
        let mut problems = Problems::default();
        let html = self.html.filter(|it| !it.trim().is_empty());
        if html.as_ref().is_some_and(|it| it.len() > LARGEST_HTML) {
            problems.add("html", format!("must be at most {LARGEST_HTML} bytes long"));
        }
        let written = match &html {
            Some(html) if self.text.trim().is_empty() => plain::from_html(html, Links::Show),
            _ => self.text,
        };
        let text = problems.check("text", text::block(&written, LONGEST_TEXT)).unwrap_or_default();
        if text.trim().is_empty() && self.attachments.is_empty() {
            problems.add("text", "must not be empty");
        }
        if self.attachments.len() > MOST_ATTACHMENTS {
            problems.add("attachment_ids", format!("at most {MOST_ATTACHMENTS} go with a message"));
        }
        let cc = addresses(&mut problems, "cc", &self.cc);
        let bcc = addresses(&mut problems, "bcc", &self.bcc);
        if let Some(at) = self.send_at
            && (at <= now || at > now.plus_seconds(LATEST_SEND_SECONDS))
        {
            problems.add("send_at", "must be in the future, at most a year away");
        }
        if self.private {
            let sent_only = [
                ("html", html.is_some()),
                ("cc", !cc.is_empty()),
                ("bcc", !bcc.is_empty()),
                ("send_at", self.send_at.is_some()),
                ("cancel_if_customer_writes", self.cancel_if_customer_writes),
            ];
            for (field, _) in sent_only.iter().filter(|(_, given)| *given) {
                problems.add(field, "does not go with a private note");
            }
        }
        problems.finish()?;
        Ok(Checked {
            text,
            html,
            private: self.private,
            attachments: self.attachments,
            cc,
            bcc,
            send_at: self.send_at,
            cancel_if_customer_writes: self.cancel_if_customer_writes,
            last_seen: self.last_seen,
            force: self.force,
            canned_reply: self.canned_reply,
            suggestion: self.suggestion,
        })
    }
}

/// Each address once.
fn addresses(problems: &mut Problems, field: &str, all: &[String]) -> Vec<EmailAddress> {
    if all.len() > MOST_COPIES {
        problems.add(field, format!("at most {MOST_COPIES} addresses"));
        return Vec::new();
    }
    let mut parsed = Vec::new();
    for (index, it) in all.iter().enumerate() {
        let found = problems.check(&format!("{field}[{index}]"), EmailAddress::parse(it));
        parsed.extend(found.filter(|it| !parsed.contains(it)));
    }
    parsed
}
