//! What went wrong with a mail server, so that a person knows what to change.

use std::net::IpAddr;

use super::accounts::Server;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the server at {server} {problem}")]
pub struct MailError {
    /// `host:port`.
    pub server: String,
    pub problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("cannot be found: check the spelling of its name")]
    UnknownHost,
    #[error("stands at {0}, an address that is never a mail server: use its real name")]
    ForbiddenAddress(IpAddr),
    #[error("is not on this machine, so the connection must be encrypted: choose tls or starttls")]
    MustEncrypt,
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    #[error("did not answer in time ({0})")]
    Timeout(&'static str),
    #[error("has a certificate that cannot be trusted: {0}")]
    Certificate(String),
    #[error("does not speak TLS as expected ({0}): check port and security")]
    Tls(String),
    #[error("cannot be verified: {0}")]
    Trust(String),
    #[error(
        "does not offer STARTTLS; nothing was sent unencrypted. Try security tls, or another port"
    )]
    NoStartTls,
    #[error("refused the password: check user name and password, or use an app password")]
    PasswordRefused,
    #[error("refused the access token: reconnect the mailbox")]
    TokenRefused,
    #[error("offers no way to sign in that fits: {0}")]
    NoSignIn(&'static str),
    #[error("has no folder {0:?}, or does not let this user open it")]
    NoFolder(String),
    /// A clean refusal; the connection is still good.
    #[error("refused: {0}")]
    Refused(String),
    #[error("closed the connection{0}")]
    Closed(String),
    #[error("sent something that makes no sense: {0}")]
    Nonsense(&'static str),
    #[error("sent more than it should have ({0})")]
    TooMuch(&'static str),
}

impl MailError {
    pub(crate) fn new(server: &Server, problem: Problem) -> Self {
        Self { server: server.to_string(), problem }
    }

    /// True when trying again later changes nothing until a person changes the settings.
    pub fn needs_a_person(&self) -> bool {
        matches!(
            self.problem,
            Problem::ForbiddenAddress(_)
                | Problem::MustEncrypt
                | Problem::Certificate(_)
                | Problem::Trust(_)
                | Problem::NoStartTls
                | Problem::PasswordRefused
                | Problem::TokenRefused
                | Problem::NoSignIn(_)
                | Problem::NoFolder(_)
        )
    }
}

/// A server's own words, short and on one line, fit for a page and a log.
pub(crate) fn said(text: &str) -> String {
    let mut line: String =
        text.chars().map(|it| if it.is_control() { ' ' } else { it }).take(300).collect();
    line.truncate(line.trim_end().len());
    line
}
