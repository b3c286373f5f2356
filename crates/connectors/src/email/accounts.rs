//! A mailbox's two servers: where they stand, how the connection is protected, who signs in.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

/// How a connection is protected. There is no "if the server offers it".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (usually ports 993 and 465).
    Tls,
    /// Starts in the clear and must turn to TLS before anything is said (usually ports 143 and 587).
    StartTls,
    /// No encryption; refused for every address but loopback.
    None,
}

#[derive(Debug, thiserror::Error)]
#[error("security must be tls, starttls or none")]
pub struct UnknownSecurity;

impl Security {
    pub const ALL: [Self; 3] = [Self::Tls, Self::StartTls, Self::None];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::StartTls => "starttls",
            Self::None => "none",
        }
    }
}

impl FromStr for Security {
    type Err = UnknownSecurity;

    fn from_str(text: &str) -> Result<Self, UnknownSecurity> {
        Self::ALL.into_iter().find(|it| it.as_str() == text).ok_or(UnknownSecurity)
    }
}

/// Text that no log, error or debug print shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    Password {
        username: String,
        password: Secret,
    },
    /// A short-lived access token, made from the refresh token by [`super::oauth::refresh`].
    XOAuth2 {
        username: String,
        access_token: Secret,
    },
}

impl Auth {
    /// The initial response of SASL XOAUTH2, before base64.
    pub(crate) fn xoauth2(username: &str, access_token: &Secret) -> String {
        format!("user={username}\x01auth=Bearer {}\x01\x01", access_token.expose())
    }

    /// The message of SASL PLAIN (RFC 4616), before base64.
    pub(crate) fn plain(username: &str, password: &Secret) -> String {
        format!("\0{username}\0{}", password.expose())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// A PEM file with certificates to trust besides the system's, e.g. a company's own authority.
    pub extra_ca: Option<PathBuf>,
}

impl Server {
    pub fn new(host: impl Into<String>, port: u16, security: Security) -> Self {
        Self { host: host.into(), port, security, extra_ca: None }
    }
}

/// As people know it: `imap.example.com:993`.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[derive(Debug, Clone)]
pub struct ImapAccount {
    pub server: Server,
    pub auth: Auth,
    /// The folders to read, by their names as people see them; `INBOX` when nothing else was configured.
    pub folders: Vec<String>,
    /// A larger mail is reported and not fetched.
    pub max_mail_bytes: u32,
    pub timeouts: Timeouts,
}

impl ImapAccount {
    pub const MAX_MAIL_BYTES: u32 = 50 * 1024 * 1024;

    pub fn new(server: Server, auth: Auth) -> Self {
        let folders = vec!["INBOX".to_owned()];
        let timeouts = Timeouts::default();
        Self { server, auth, folders, max_mail_bytes: Self::MAX_MAIL_BYTES, timeouts }
    }
}

#[derive(Debug, Clone)]
pub struct SmtpAccount {
    pub server: Server,
    /// A relay on the own network may ask for none.
    pub auth: Option<Auth>,
    /// The name we greet with; without one our own address, as RFC 5321 §4.1.4 allows.
    pub greet_as: Option<String>,
    pub timeouts: Timeouts,
}

impl SmtpAccount {
    pub fn new(server: Server, auth: Option<Auth>) -> Self {
        Self { server, auth, greet_as: None, timeouts: Timeouts::default() }
    }
}

/// How long each step may take. No await on a mail server is without one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Finding the host's addresses: 10 s.
    pub resolve: Duration,
    /// Opening the connection, for each address: 15 s.
    pub connect: Duration,
    /// The TLS handshake: 15 s.
    pub tls: Duration,
    /// The first line of the server: 60 s. Some servers make strangers wait.
    pub greeting: Duration,
    /// One short command, and each single answer within a longer one: 60 s.
    pub command: Duration,
    /// A listing or search as a whole: 5 min.
    pub listing: Duration,
    /// The body of one mail, either way: 4 min.
    pub body: Duration,
    /// The answer after the final dot of a sent mail: 10 min (RFC 5321 §4.5.3.2.6). Giving up earlier sends twice.
    pub after_data: Duration,
    /// How long one IDLE lasts before it is renewed: 5 min. Networks forget quiet connections.
    pub idle: Duration,
    /// The pause between looks at a server without IDLE: 60 s.
    pub poll: Duration,
    /// How long a kept SMTP connection may rest before it is closed: 60 s.
    pub keep: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            resolve: seconds(10),
            connect: seconds(15),
            tls: seconds(15),
            greeting: seconds(60),
            command: seconds(60),
            listing: seconds(300),
            body: seconds(240),
            after_data: seconds(600),
            idle: seconds(300),
            poll: seconds(60),
            keep: seconds(60),
        }
    }
}

impl Timeouts {
    /// The same for every step; for tests.
    pub fn all(each: Duration) -> Self {
        Self {
            resolve: each,
            connect: each,
            tls: each,
            greeting: each,
            command: each,
            listing: each,
            body: each,
            after_data: each,
            idle: each,
            poll: each,
            keep: each,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_goes_there_and_back() {
        for it in Security::ALL {
            assert_eq!(it.as_str().parse::<Security>().unwrap(), it);
        }
        assert!("ssl".parse::<Security>().is_err());
    }

    #[test]
    fn secrets_do_not_print() {
        let auth = Auth::Password { username: "ann".to_owned(), password: Secret::new("hunter2") };
        let server = Server::new("imap.example.com", 993, Security::Tls);
        let text = format!("{:?}", ImapAccount::new(server, auth));
        assert!(text.contains("[secret]") && !text.contains("hunter2"), "{text}");
    }
}
