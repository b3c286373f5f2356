//! What the operator may choose: defaults, then the file, then the environment; the later one wins.

mod load;
mod values;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use connectors::guard::Guard;
use desk::options::{self, Options};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};
use url::Url;

pub use self::values::Secret;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub data: PathBuf,
    #[serde(with = "values::address")]
    pub listen: SocketAddr,
    #[serde(with = "values::optional_url")]
    pub public_url: Option<Url>,
    pub allow_http: bool,
    #[serde(with = "values::networks")]
    pub trusted_proxies: Vec<IpNet>,
    #[serde(with = "values::networks")]
    pub open_networks: Vec<IpNet>,
    pub log: Log,
    pub smtp: Smtp,
    pub session: Session,
    pub backup: Backup,
    pub metrics: Metrics,
    pub chat: Chat,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    pub level: String,
    pub format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Pretty,
    Json,
}

/// How the desk's own mail leaves: password resets and invitations, not the channels' mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Smtp {
    #[serde(with = "values::optional")]
    pub host: Option<String>,
    pub port: u16,
    pub security: Security,
    #[serde(with = "values::optional")]
    pub username: Option<String>,
    #[serde(with = "values::optional")]
    pub password: Option<Secret>,
    #[serde(with = "values::optional")]
    pub from: Option<String>,
    pub from_name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    Tls,
    Starttls,
    None,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Session {
    #[serde(with = "values::duration")]
    pub idle: Duration,
    #[serde(with = "values::duration")]
    pub absolute: Duration,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Backup {
    #[serde(with = "values::optional_duration")]
    pub every: Option<Duration>,
    pub keep: usize,
    #[serde(with = "values::optional")]
    pub folder: Option<PathText>,
}

/// A path that may be left empty; paths have no parsing error to report.
pub type PathText = String;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    #[serde(with = "values::optional")]
    pub token: Option<Secret>,
}

/// How many visitors may have web chats open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Chat {
    pub visitors: usize,
    pub visitors_per_address: usize,
}

impl Default for Chat {
    fn default() -> Self {
        Self { visitors: 12_000, visitors_per_address: 500 }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            allow_http: false,
            trusted_proxies: Vec::new(),
            open_networks: Vec::new(),
            log: Log::default(),
            smtp: Smtp::default(),
            session: Session::default(),
            backup: Backup::default(),
            metrics: Metrics::default(),
            chat: Chat::default(),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: Format::Pretty }
    }
}

impl Default for Smtp {
    fn default() -> Self {
        Self {
            host: None,
            port: 587,
            security: Security::Starttls,
            username: None,
            password: None,
            from: None,
            from_name: "Deskbell".to_owned(),
        }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self { idle: values::hours(8), absolute: values::hours(7 * 24) }
    }
}

impl Default for Backup {
    fn default() -> Self {
        Self { every: None, keep: 7, folder: None }
    }
}

impl Config {
    /// Where scheduled backups go.
    pub fn backup_folder(&self) -> PathBuf {
        self.backup.folder.as_ref().map_or_else(|| self.data.join("backups"), PathBuf::from)
    }

    /// What the desk needs of it.
    pub fn desk_options(&self) -> Options {
        let smtp = &self.smtp;
        let system_mail =
            smtp.host.as_ref().zip(smtp.from.as_ref()).map(|(host, from)| options::SystemMail {
                from_name: smtp.from_name.clone(),
                from_address: from.clone(),
                host: host.clone(),
                port: smtp.port,
                security: smtp.security.as_str().to_owned(),
                username: smtp.username.clone(),
                password: smtp.password.as_ref().map(|it| options::Secret::new(it.reveal())),
            });
        Options {
            public_url: self.public_url.clone(),
            system_mail,
            session_idle: self.session.idle,
            session_lifetime: self.session.absolute,
            guard: Guard::new(self.open_networks.clone()),
            ..Options::new(&self.data)
        }
    }

    /// What no single value shows: a combination that must not start. Names the key to change.
    fn check(&self) -> Result<(), (&'static str, String)> {
        let wrong = |key, message: &str| Err((key, message.to_owned()));
        if self.data.as_os_str().is_empty() {
            return wrong("data", "must name a folder");
        }
        if let Some(url) = &self.public_url {
            let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
            if !["http", "https"].contains(&url.scheme()) || !url.has_host() || !plain {
                return wrong("public_url", "must look like https://desk.example.com");
            }
            if !url.username().is_empty() || url.password().is_some() {
                return wrong("public_url", "must not hold a user name or password");
            }
        }
        let is_https = self.public_url.as_ref().is_some_and(|it| it.scheme() == "https");
        if !self.listen.ip().is_loopback() && !is_https && !self.allow_http {
            return Err((
                "listen",
                format!(
                    "{} is reachable from other machines, where passwords must not travel unencrypted. \
                 Put a reverse proxy in front and set public_url to its https address, or set \
                 allow_http = true if you accept that",
                    self.listen
                ),
            ));
        }
        self.log.check()?;
        self.smtp.check()?;
        if self.session.idle.is_zero() || self.session.idle > self.session.absolute {
            return wrong("session.idle", "must be more than 0s and at most session.absolute");
        }
        if self.backup.every.is_some_and(|it| it < Duration::from_secs(60)) {
            return wrong("backup.every", "must be at least 1m");
        }
        if self.backup.keep == 0 {
            return wrong("backup.keep", "must be at least 1");
        }
        if self.chat.visitors == 0 {
            return wrong("chat.visitors", "must be at least 1");
        }
        if self.chat.visitors_per_address == 0 {
            return wrong("chat.visitors_per_address", "must be at least 1");
        }
        if self.metrics.token.as_ref().is_some_and(|it| it.reveal().len() < 16) {
            return wrong("metrics.token", "must have at least 16 characters");
        }
        Ok(())
    }
}

impl Log {
    /// A word that is no level would be taken for the name of a part, and everything else fall
    /// silent.
    fn check(&self) -> Result<(), (&'static str, String)> {
        let is_level = |it: &str| it.parse::<LevelFilter>().is_ok();
        let unknown =
            self.level.split(',').map(str::trim).find(|it| !it.contains('=') && !is_level(it));
        if let Some(word) = unknown {
            let message = format!(
                "{word:?} is no level; use error, warn, info, debug or trace, for a part such as \
                 \"info,desk=debug\""
            );
            return Err(("log.level", message));
        }
        match EnvFilter::try_new(&self.level) {
            Ok(_) => Ok(()),
            Err(error) => Err(("log.level", error.to_string())),
        }
    }
}

impl Smtp {
    fn check(&self) -> Result<(), (&'static str, String)> {
        let Some(host) = &self.host else {
            return Ok(());
        };
        let Some(from) = &self.from else {
            return Err(("smtp.from", "is needed with smtp.host: the sender's address".to_owned()));
        };
        if let Err(error) = domain::addresses::EmailAddress::parse(from) {
            return Err(("smtp.from", error.to_string()));
        }
        let is_local = host == "localhost"
            || host.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback());
        if self.security == Security::None && !is_local {
            let message = "may be none for a server on this machine only: use tls or starttls";
            return Err(("smtp.security", message.to_owned()));
        }
        Ok(())
    }
}

impl Security {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Starttls => "starttls",
            Self::None => "none",
        }
    }
}
