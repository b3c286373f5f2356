//! What an admin may configure of an e-mail channel, checked field by field.

use std::net::IpAddr;

use connectors::email::{oauth, parse::MAX_MAIL};
use domain::{
    addresses::EmailAddress,
    mails::{Auth, MailConfig, OAuth, Security, Server},
    text,
};
use url::Url;

use crate::{Problems, options::Secret, secrets::Change};

const MAX_HOST: usize = 253;
const MAX_LINE: usize = 320;
const MAX_SECRET: usize = 10_000;
const MAX_FOLDERS: usize = 20;
const MAX_SIGNATURE: usize = 10_000;
const MAX_DAYS: u32 = 3650;
/// Bytes; smaller caps would keep out ordinary mail.
const MIN_MAIL: u64 = 10_000;

/// What to set; `Some(None)` clears.
#[derive(Debug, Clone, Default)]
pub struct MailPatch {
    pub address: Option<String>,
    pub from_name: Option<Option<String>>,
    pub imap: Option<ServerPatch>,
    pub folders: Option<Vec<String>>,
    pub smtp: Option<ServerPatch>,
    pub oauth: Option<Option<OAuthPatch>>,
    pub new_conversation_after_days: Option<Option<u32>>,
    pub quote_history: Option<bool>,
    pub plus_addressing: Option<bool>,
    pub subject_number: Option<bool>,
    pub max_mail_bytes: Option<u64>,
    pub signature: Option<Option<String>>,
}

#[derive(Debug, Clone, Default)]
pub struct ServerPatch {
    pub host: Option<String>,
    pub port: Option<u16>,
    pub security: Option<Security>,
    pub username: Option<Option<String>>,
    pub auth: Option<Auth>,
    pub password: Option<Option<Secret>>,
}

#[derive(Debug, Clone, Default)]
pub struct OAuthPatch {
    pub token_url: Option<String>,
    pub client_id: Option<String>,
    pub scope: Option<Option<String>>,
    pub client_secret: Option<Option<Secret>>,
    pub refresh_token: Option<Option<Secret>>,
}

/// A configuration that holds together, and the secrets to change with it.
#[derive(Debug, Clone)]
pub struct Checked {
    pub config: MailConfig,
    pub secrets: Vec<Change>,
}

/// Merges a patch into what was there. None when something was noted in `problems`, each by the name of
/// its field; `set` names the secrets there are.
pub fn check(
    patch: MailPatch,
    before: Option<&MailConfig>,
    set: &[String],
    problems: &mut Problems,
) -> Option<Checked> {
    let mut checking = Checking { problems, set, secrets: Vec::new() };
    let address = checking.address(patch.address, before.map(|it| it.address.as_str()));
    let (imap_patch, smtp_patch) = (patch.imap.unwrap_or_default(), patch.smtp.unwrap_or_default());
    let imap = checking.server(&IMAP, imap_patch, before.map(|it| &it.imap));
    let smtp = checking.server(&SMTP, smtp_patch, before.map(|it| &it.smtp));
    let oauth_before = before.and_then(|it| it.oauth.as_ref());
    let oauth = checking.oauth(patch.oauth, oauth_before);
    if let (Some(imap), Some(smtp)) = (&imap, &smtp) {
        checking.tokens(before, [imap, smtp], oauth.as_ref());
    }
    let folders = checking.folders(patch.folders, before);
    let from_name = checking.optional_line("config.from_name", patch.from_name);
    let signature = patch.signature.map(|it| {
        let kept = it.filter(|it| !it.trim().is_empty())?;
        checking.problems.check("config.signature", text::block(&kept, MAX_SIGNATURE))
    });
    let days = patch.new_conversation_after_days;
    if days.flatten().is_some_and(|it| !(1..=MAX_DAYS).contains(&it)) {
        let message = format!("must be 1 to {MAX_DAYS}, or null to always go on");
        checking.problems.add("config.new_conversation_after_days", message);
    }
    let max_mail_bytes = patch.max_mail_bytes.or(before.map(|it| it.max_mail_bytes));
    let max_mail_bytes = max_mail_bytes.unwrap_or(MAX_MAIL as u64);
    if !(MIN_MAIL..=MAX_MAIL as u64).contains(&max_mail_bytes) {
        let message = format!("must be {MIN_MAIL} to {MAX_MAIL}");
        checking.problems.add("config.max_mail_bytes", message);
    }
    let secrets = checking.secrets;
    let flag = |patch: Option<bool>, before: Option<bool>| patch.or(before).unwrap_or(false);
    let config = MailConfig {
        address: address?,
        from_name: from_name.unwrap_or_else(|| before.and_then(|it| it.from_name.clone())),
        imap: imap?,
        folders: folders?,
        smtp: smtp?,
        oauth,
        new_conversation_after_days: days
            .unwrap_or_else(|| before.and_then(|it| it.new_conversation_after_days)),
        quote_history: flag(patch.quote_history, before.map(|it| it.quote_history)),
        plus_addressing: flag(patch.plus_addressing, before.map(|it| it.plus_addressing)),
        subject_number: flag(patch.subject_number, before.map(|it| it.subject_number)),
        max_mail_bytes,
        signature: signature.unwrap_or_else(|| before.and_then(|it| it.signature.clone())),
    };
    Some(Checked { config, secrets })
}

/// How the two servers differ.
struct Kind {
    field: &'static str,
    secret: &'static str,
    login_needed: bool,
    tls_port: u16,
    other_port: u16,
}

const IMAP: Kind = Kind {
    field: "config.imap",
    secret: "imap.password",
    login_needed: true,
    tls_port: 993,
    other_port: 143,
};
const SMTP: Kind = Kind {
    field: "config.smtp",
    secret: "smtp.password",
    login_needed: false,
    tls_port: 465,
    other_port: 587,
};

struct Checking<'a> {
    problems: &'a mut Problems,
    set: &'a [String],
    secrets: Vec<Change>,
}

impl Checking<'_> {
    fn address(&mut self, patch: Option<String>, before: Option<&str>) -> Option<String> {
        match (patch, before) {
            (Some(text), _) => {
                let address = self.problems.check("config.address", EmailAddress::parse(&text));
                address.map(|it| it.as_str().to_owned())
            }
            (None, Some(before)) => Some(before.to_owned()),
            (None, None) => self.missing("config.address"),
        }
    }

    fn server(
        &mut self,
        kind: &Kind,
        patch: ServerPatch,
        before: Option<&Server>,
    ) -> Option<Server> {
        let field = |name: &str| format!("{}.{name}", kind.field);
        let security = patch.security.or(before.map(|it| it.security)).unwrap_or(Security::Tls);
        let host = match patch.host {
            Some(host) => self.problems.check(&field("host"), host_name(&host)),
            None => match before {
                Some(before) => Some(before.host.clone()),
                None => self.missing(&field("host")),
            },
        };
        if security == Security::None && host.as_deref().is_some_and(|it| !is_loopback(it)) {
            let message = "none is for servers on this machine only; use tls or starttls";
            self.problems.add(&field("security"), message);
        }
        let usual = if security == Security::Tls { kind.tls_port } else { kind.other_port };
        let port = patch.port.or(before.map(|it| it.port)).unwrap_or(usual);
        if port == 0 {
            self.problems.add(&field("port"), "must be 1 to 65535");
        }
        let username = self
            .optional_line(&field("username"), patch.username)
            .unwrap_or_else(|| before.and_then(|it| it.username.clone()));
        let auth = patch.auth.or(before.map(|it| it.auth)).unwrap_or_default();
        let host = host?;
        let moved = before.is_some_and(|it| it.host != host || it.port != port);
        let has_password = self.secret(&field("password"), kind.secret, patch.password, moved);
        if username.is_none() && (kind.login_needed || auth == Auth::Xoauth2) {
            return self.missing(&field("username"));
        }
        if username.is_some() && auth == Auth::Password && !has_password {
            return self.missing(&field("password"));
        }
        Some(Server { host, port, security, username, auth })
    }

    fn oauth(
        &mut self,
        patch: Option<Option<OAuthPatch>>,
        before: Option<&OAuth>,
    ) -> Option<OAuth> {
        let patch = match patch {
            None => return before.cloned(),
            Some(None) => {
                for name in ["oauth.client_secret", "oauth.refresh_token"] {
                    self.secrets.push(Change { name, to: None });
                }
                return None;
            }
            Some(Some(patch)) => patch,
        };
        let token_url = match patch.token_url {
            Some(text) => self.problems.check("config.oauth.token_url", token_url(&text)),
            None => match before {
                Some(before) => Some(before.token_url.clone()),
                None => self.missing("config.oauth.token_url"),
            },
        };
        let client_id = match patch.client_id {
            Some(text) => {
                self.problems.check("config.oauth.client_id", text::line(&text, MAX_LINE))
            }
            None => match before {
                Some(before) => Some(before.client_id.clone()),
                None => self.missing("config.oauth.client_id"),
            },
        };
        let scope = self
            .optional_line("config.oauth.scope", patch.scope)
            .unwrap_or_else(|| before.and_then(|it| it.scope.clone()));
        let moved = before.is_some_and(|it| Some(&it.token_url) != token_url.as_ref());
        let name = "oauth.client_secret";
        self.secret("config.oauth.client_secret", name, patch.client_secret, moved);
        let name = "oauth.refresh_token";
        let field = "config.oauth.refresh_token";
        if !self.secret(field, name, patch.refresh_token, moved) {
            return self.missing(field);
        }
        Some(OAuth { token_url: token_url?, client_id: client_id?, scope })
    }

    /// XOAUTH2 needs tokens, and tokens must not be shown to a new host without being given anew.
    fn tokens(
        &mut self,
        before: Option<&MailConfig>,
        servers: [&Server; 2],
        oauth: Option<&OAuth>,
    ) {
        let before = before.map(|it| [&it.imap, &it.smtp]);
        let fresh = |it: &Change| it.name == "oauth.refresh_token" && it.to.is_some();
        let fresh = self.secrets.iter().any(fresh);
        for (index, server) in servers.into_iter().enumerate() {
            if server.auth != Auth::Xoauth2 {
                continue;
            }
            if oauth.is_none() {
                self.problems.add("config.oauth", "is needed for xoauth2");
                return;
            }
            let known = before
                .is_some_and(|it| it[index].host == server.host && it[index].port == server.port);
            if !known && !fresh {
                self.problems.add("config.oauth.refresh_token", GIVE_ANEW);
                return;
            }
        }
    }

    /// Notes a change of a secret and answers whether there is one afterwards. A secret stays with the
    /// server it was given for: otherwise whoever may change a host could have it sent to their own.
    fn secret(
        &mut self,
        field: &str,
        name: &'static str,
        patch: Option<Option<Secret>>,
        moved: bool,
    ) -> bool {
        let is_set = self.set.iter().any(|it| it == name);
        match patch {
            None if is_set && moved => {
                self.problems.add(field, GIVE_ANEW);
                true
            }
            None => is_set,
            Some(None) => {
                self.secrets.push(Change { name, to: None });
                false
            }
            Some(Some(secret)) => {
                if let Err(message) = check_secret(secret.reveal()) {
                    self.problems.add(field, message);
                }
                self.secrets.push(Change { name, to: Some(secret) });
                true
            }
        }
    }

    fn folders(
        &mut self,
        patch: Option<Vec<String>>,
        before: Option<&MailConfig>,
    ) -> Option<Vec<String>> {
        let field = "config.imap.folders";
        let Some(names) = patch else {
            return Some(before.map_or_else(|| vec!["INBOX".to_owned()], |it| it.folders.clone()));
        };
        if names.is_empty() || names.len() > MAX_FOLDERS {
            self.problems.add(field, format!("must name 1 to {MAX_FOLDERS} folders"));
            return None;
        }
        let mut folders: Vec<String> = Vec::new();
        for name in &names {
            let name = self.problems.check(field, text::line(name, 255))?;
            // RFC 3501 §5.1: this one name is the same in any case.
            let name = if name.eq_ignore_ascii_case("inbox") { "INBOX".to_owned() } else { name };
            if !folders.contains(&name) {
                folders.push(name);
            }
        }
        Some(folders)
    }

    /// `None` when left out; blank text clears.
    fn optional_line(
        &mut self,
        field: &str,
        patch: Option<Option<String>>,
    ) -> Option<Option<String>> {
        patch.map(|it| {
            let text = it.filter(|it| !it.trim().is_empty())?;
            self.problems.check(field, text::line(&text, MAX_LINE))
        })
    }

    fn missing<T>(&mut self, field: &str) -> Option<T> {
        self.problems.add(field, "is required");
        None
    }
}

const GIVE_ANEW: &str = "must be given again when the server it is for changes";

fn host_name(text: &str) -> Result<String, &'static str> {
    let host = text.trim().trim_matches(['[', ']']).to_ascii_lowercase();
    let name_like = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_');
    let is_address = host.parse::<IpAddr>().is_ok();
    if host.is_empty() || host.len() > MAX_HOST || !(is_address || host.chars().all(name_like)) {
        return Err("must be a host name or an IP address");
    }
    Ok(host)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

fn token_url(text: &str) -> Result<String, &'static str> {
    let url = Url::parse(text.trim()).map_err(|_| "must be a URL")?;
    let safe = oauth::may_be_asked(&url);
    if !safe || !url.username().is_empty() || url.password().is_some() {
        return Err("must be an https URL");
    }
    Ok(url.into())
}

fn check_secret(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if text.len() > MAX_SECRET || text.chars().any(|it| matches!(it, '\0' | '\r' | '\n')) {
        return Err(format!("must be one line of at most {MAX_SECRET} bytes"));
    }
    // A form that was filled from our own answer.
    if text.chars().all(|it| matches!(it, '*' | '•' | '●' | '·' | '.')) {
        return Err("is a mask, not a secret; leave it out to keep the one that is set".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
