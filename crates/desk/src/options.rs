//! What the operator chose: plain values, filled in by the binary from its configuration.

use std::{path::PathBuf, time::Duration};

use connectors::guard::Guard;
use url::Url;

#[derive(Debug, Clone)]
pub struct Options {
    /// The data folder: database, files, keys.
    pub data: PathBuf,
    /// Who we are: for links in mail. Without it links are relative to wherever the reader is.
    pub public_url: Option<Url>,
    /// How the desk's own mail (password reset, invitation) leaves; not at all when absent.
    pub system_mail: Option<SystemMail>,
    /// A session nobody uses ends after this time.
    pub session_idle: Duration,
    /// A session ends after this time however busy it is.
    pub session_lifetime: Duration,
    /// Which addresses a URL that somebody typed may lead to.
    pub guard: Guard,
}

/// An SMTP server and the sender of the desk's own mail.
#[derive(Debug, Clone)]
pub struct SystemMail {
    pub from_name: String,
    pub from_address: String,
    pub host: String,
    pub port: u16,
    /// `tls`, `starttls` or `none`, as in an e-mail channel.
    pub security: String,
    pub username: Option<String>,
    pub password: Option<Secret>,
}

/// Text that never appears in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

impl Options {
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            public_url: None,
            system_mail: None,
            session_idle: Duration::from_secs(8 * 3600),
            session_lifetime: Duration::from_secs(7 * 24 * 3600),
            guard: Guard::default(),
        }
    }
}
