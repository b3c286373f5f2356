//! Why a mail was not sent, and whether sending it again can help.

use std::fmt;

use crate::email::problems::Problem;

/// How far the dialogue had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Connect,
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    MailFrom,
    RcptTo,
    Data,
    /// After the final dot: the server may have taken the mail.
    AfterData,
}

impl Stage {
    /// True when the failure is about the mailbox's settings or its server, not about this mail or its recipients.
    pub fn is_about_the_server(self) -> bool {
        self < Self::MailFrom
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Connect => "connecting",
            Self::Greeting => "its greeting",
            Self::Ehlo => "EHLO",
            Self::StartTls => "encrypting the connection",
            Self::Auth => "signing in",
            Self::MailFrom => "the sender",
            Self::RcptTo => "the recipients",
            Self::Data => "the mail itself",
            Self::AfterData => "its receipt",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It was not sent; later it may work.
    Retry,
    /// It was not sent and will not be.
    Refused,
    /// The connection was lost after the mail was handed over: it may have been sent.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientFailure {
    pub address: String,
    pub kind: Kind,
    /// The SMTP code; absent when we did not ask the server.
    pub code: Option<u16>,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SendFailure {
    /// `host:port`.
    pub server: String,
    pub stage: Stage,
    pub kind: Kind,
    /// The SMTP code, if the server gave one.
    pub code: Option<u16>,
    /// The server's own words, or ours.
    pub message: String,
    /// What it said of each recipient, when that was the reason.
    pub per_recipient: Vec<RecipientFailure>,
}

impl fmt::Display for SendFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, stage, kind, code, message, .. } = self;
        match (kind, code) {
            (Kind::Unknown, _) => {
                write!(f, "the server at {server} took the mail but did not confirm it: {message}")
            }
            (_, Some(code)) => {
                let stage = stage.in_words();
                write!(f, "the server at {server} said at {stage}: {code} {message}")
            }
            (_, None) => write!(f, "the server at {server} {message}"),
        }
    }
}

/// Trouble inside the dialogue, before server and recipients are known to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) stage: Stage,
    pub(super) kind: Kind,
    pub(super) code: Option<u16>,
    pub(super) message: String,
    pub(super) per_recipient: Vec<RecipientFailure>,
}

impl Trouble {
    /// A connection that failed. Nothing is known to be wrong with the mail, and TLS that fails is never replaced by
    /// none: a retry is all there is, except once the mail was handed over.
    pub(super) fn broken(stage: Stage, problem: &Problem) -> Self {
        let kind = if stage == Stage::AfterData { Kind::Unknown } else { Kind::Retry };
        Self { stage, kind, code: None, message: problem.to_string(), per_recipient: Vec::new() }
    }

    /// We did not even try.
    pub(super) fn refused(stage: Stage, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { stage, kind: Kind::Refused, code: None, message, per_recipient: Vec::new() }
    }

    pub(super) fn into_failure(self, server: String) -> SendFailure {
        let Self { stage, kind, code, message, per_recipient } = self;
        SendFailure { server, stage, kind, code, message, per_recipient }
    }
}
