//! The configuration of an e-mail channel on the wire. Secrets go in and never come out.

use desk::{
    channels::mail_configs::{MailPatch, OAuthPatch, ServerPatch},
    options::Secret,
};
use domain::mails::{Auth, MailConfig, Security, Server};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::configs;
use crate::{error::Result, parse::present, patch::Patch};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfigBody {
    #[serde(default, deserialize_with = "present")]
    address: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    from_name: Patch<String>,
    #[serde(default, deserialize_with = "present")]
    imap: Option<ImapBody>,
    #[serde(default, deserialize_with = "present")]
    smtp: Option<SmtpBody>,
    #[serde(default)]
    #[schema(value_type = Option<OAuthBody>)]
    oauth: Patch<OAuthBody>,
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    new_conversation_after_days: Patch<u32>,
    #[serde(default, deserialize_with = "present")]
    quote_history: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    plus_addressing: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    subject_number: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    max_mail_bytes: Option<u64>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    signature: Patch<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ImapBody {
    #[serde(default, deserialize_with = "present")]
    host: Option<String>,
    #[serde(default, deserialize_with = "present")]
    port: Option<u16>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    security: Option<Security>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    username: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    password: Patch<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    auth: Option<Auth>,
    #[serde(default, deserialize_with = "present")]
    folders: Option<Vec<String>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SmtpBody {
    #[serde(default, deserialize_with = "present")]
    host: Option<String>,
    #[serde(default, deserialize_with = "present")]
    port: Option<u16>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    security: Option<Security>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    username: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    password: Patch<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    auth: Option<Auth>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OAuthBody {
    #[serde(default, deserialize_with = "present")]
    token_url: Option<String>,
    #[serde(default, deserialize_with = "present")]
    client_id: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    scope: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    client_secret: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    refresh_token: Patch<String>,
}

pub(super) fn parse(value: Value) -> Result<MailPatch> {
    let body: ConfigBody = configs::read(value)?;
    let mut imap = body.imap;
    let folders = imap.as_mut().and_then(|it| it.folders.take());
    Ok(MailPatch {
        address: body.address,
        from_name: body.from_name.into_option(),
        imap: imap.map(ServerPatch::from),
        folders,
        smtp: body.smtp.map(ServerPatch::from),
        oauth: body.oauth.into_option().map(|it| it.map(OAuthPatch::from)),
        new_conversation_after_days: body.new_conversation_after_days.into_option(),
        quote_history: body.quote_history,
        plus_addressing: body.plus_addressing,
        subject_number: body.subject_number,
        max_mail_bytes: body.max_mail_bytes,
        signature: body.signature.into_option(),
    })
}

fn secret(patch: Patch<String>) -> Option<Option<Secret>> {
    patch.into_option().map(|it| it.map(Secret::new))
}

impl From<ImapBody> for ServerPatch {
    fn from(it: ImapBody) -> Self {
        Self {
            host: it.host,
            port: it.port,
            security: it.security,
            username: it.username.into_option(),
            auth: it.auth,
            password: secret(it.password),
        }
    }
}

impl From<SmtpBody> for ServerPatch {
    fn from(it: SmtpBody) -> Self {
        Self {
            host: it.host,
            port: it.port,
            security: it.security,
            username: it.username.into_option(),
            auth: it.auth,
            password: secret(it.password),
        }
    }
}

impl From<OAuthBody> for OAuthPatch {
    fn from(it: OAuthBody) -> Self {
        Self {
            token_url: it.token_url,
            client_id: it.client_id,
            scope: it.scope.into_option(),
            client_secret: secret(it.client_secret),
            refresh_token: secret(it.refresh_token),
        }
    }
}

/// The stored configuration with what `mark` says in the place of each secret.
pub(super) fn view(config: &Value, mark: impl Fn(&str) -> Value) -> Value {
    let Ok(config) = serde_json::from_value::<MailConfig>(config.clone()) else {
        return Value::Null;
    };
    let mut imap = server(&config.imap, mark("imap.password"));
    imap["folders"] = json!(config.folders);
    json!({
        "address": config.address,
        "from_name": config.from_name,
        "imap": imap,
        "smtp": server(&config.smtp, mark("smtp.password")),
        "oauth": config.oauth.map(|it| json!({
            "token_url": it.token_url,
            "client_id": it.client_id,
            "scope": it.scope,
            "client_secret": mark("oauth.client_secret"),
            "refresh_token": mark("oauth.refresh_token"),
        })),
        "new_conversation_after_days": config.new_conversation_after_days,
        "quote_history": config.quote_history,
        "plus_addressing": config.plus_addressing,
        "subject_number": config.subject_number,
        "max_mail_bytes": config.max_mail_bytes,
        "signature": config.signature,
    })
}

fn server(it: &Server, password: Value) -> Value {
    json!({
        "host": it.host,
        "port": it.port,
        "security": it.security,
        "username": it.username,
        "auth": it.auth,
        "password": password,
    })
}
