//! A channel's settings and secrets, put together to sign in at its servers.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use connectors::email::{
    accounts::{self, Auth, ImapAccount, Secret, SmtpAccount},
    oauth::{self, AccessToken, Grant, OAuthError},
};
use domain::{
    Timestamp,
    channels::Channel,
    ids::ChannelId,
    mails::{self, MailConfig, Security},
};
use url::Url;

use super::mail_config;
use crate::{
    Desk, DeskError,
    secrets::{self, Change},
};

/// Seconds a token must still be good for, to be used.
const MARGIN: i64 = 120;

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error(transparent)]
    Desk(#[from] DeskError),
    #[error("{0}")]
    OAuth(#[from] OAuthError),
    /// The settings lack something; the words are for an admin.
    #[error("{0}")]
    Incomplete(&'static str),
}

impl AccountError {
    /// True when trying again later changes nothing until a person changes the settings.
    pub fn needs_a_person(&self) -> bool {
        match self {
            Self::Desk(_) => false,
            Self::OAuth(error) => error.needs_a_person(),
            Self::Incomplete(_) => true,
        }
    }
}

/// Access tokens until they expire. They are never stored.
#[derive(Debug, Default)]
pub struct Tokens(Mutex<HashMap<ChannelId, Slot>>);

/// Held while a token is renewed: some providers take back the refresh token that two use at once.
type Slot = Arc<tokio::sync::Mutex<Option<Kept>>>;

#[derive(Debug)]
struct Kept {
    token: Secret,
    expires_at: Timestamp,
    /// The channel's `updated_at`: other settings need another token.
    settings: Timestamp,
}

impl Tokens {
    fn slot(&self, id: ChannelId) -> Slot {
        self.0.lock().expect("nothing panics while it is held").entry(id).or_default().clone()
    }

    /// After a server refused the token.
    pub fn forget(&self, id: ChannelId) {
        self.0.lock().expect("nothing panics while it is held").remove(&id);
    }
}

pub async fn imap(desk: &Desk, channel: &Channel) -> Result<ImapAccount, AccountError> {
    let config = mail_config(channel)?;
    let auth = auth(desk, channel, &config, &config.imap, "imap.password").await?;
    let auth = auth.ok_or(AccountError::Incomplete("the mailbox needs a user name"))?;
    let mut account = ImapAccount::new(server(&config.imap), auth);
    account.folders = config.folders;
    account.max_mail_bytes = u32::try_from(config.max_mail_bytes).unwrap_or(u32::MAX);
    Ok(account)
}

pub async fn smtp(desk: &Desk, channel: &Channel) -> Result<SmtpAccount, AccountError> {
    let config = mail_config(channel)?;
    let auth = auth(desk, channel, &config, &config.smtp, "smtp.password").await?;
    Ok(SmtpAccount::new(server(&config.smtp), auth))
}

fn server(it: &mails::Server) -> accounts::Server {
    let security = match it.security {
        Security::Tls => accounts::Security::Tls,
        Security::Starttls => accounts::Security::StartTls,
        Security::None => accounts::Security::None,
    };
    accounts::Server::new(it.host.clone(), it.port, security)
}

async fn auth(
    desk: &Desk,
    channel: &Channel,
    config: &MailConfig,
    server: &mails::Server,
    password: &'static str,
) -> Result<Option<Auth>, AccountError> {
    let Some(username) = server.username.clone() else { return Ok(None) };
    Ok(Some(match server.auth {
        mails::Auth::Password => {
            let password = secret(desk, channel.id, password).await?;
            let password = password.ok_or(AccountError::Incomplete("the password is missing"))?;
            Auth::Password { username, password }
        }
        mails::Auth::Xoauth2 => {
            let access_token = access_token(desk, channel, config).await?;
            Auth::XOAuth2 { username, access_token }
        }
    }))
}

async fn secret(
    desk: &Desk,
    channel: ChannelId,
    name: &'static str,
) -> Result<Option<Secret>, DeskError> {
    let keys = desk.keys.clone();
    let found = desk.store.read(move |db| secrets::open(db, &keys, channel.0, name)).await?;
    Ok(found.map(|it| Secret::new(it.reveal())))
}

async fn access_token(
    desk: &Desk,
    channel: &Channel,
    config: &MailConfig,
) -> Result<Secret, AccountError> {
    let slot = desk.mail_tokens.slot(channel.id);
    let mut kept = slot.lock().await;
    let now = desk.clock.now();
    if let Some(it) = kept.as_ref()
        && it.settings == channel.updated_at
        && it.expires_at > now.plus_seconds(MARGIN)
    {
        return Ok(it.token.clone());
    }
    let grant = grant(desk, channel, config).await?;
    let AccessToken { token, expires_at, new_refresh_token } =
        oauth::refresh(&grant, &desk.options.guard, now).await?;
    if let Some(renewed) = new_refresh_token {
        keep_refresh_token(desk, channel.id, &renewed).await?;
    }
    *kept = Some(Kept { token: token.clone(), expires_at, settings: channel.updated_at });
    Ok(token)
}

async fn grant(desk: &Desk, channel: &Channel, config: &MailConfig) -> Result<Grant, AccountError> {
    let incomplete = AccountError::Incomplete;
    let oauth =
        config.oauth.as_ref().ok_or(incomplete("the settings for access tokens are missing"))?;
    let token_url = Url::parse(&oauth.token_url);
    let refresh_token = secret(desk, channel.id, "oauth.refresh_token").await?;
    Ok(Grant {
        token_url: token_url.map_err(|_| incomplete("the token URL cannot be read"))?,
        client_id: oauth.client_id.clone(),
        client_secret: secret(desk, channel.id, "oauth.client_secret").await?,
        refresh_token: refresh_token.ok_or(incomplete("the refresh token is missing"))?,
        scope: oauth.scope.clone(),
    })
}

/// The old one stops working soon.
async fn keep_refresh_token(desk: &Desk, channel: ChannelId, to: &Secret) -> Result<(), DeskError> {
    let (keys, now) = (desk.keys.clone(), desk.clock.now());
    let to = Some(crate::options::Secret::new(to.expose()));
    let change = Change { name: "oauth.refresh_token", to };
    desk.store.write(move |tx| secrets::apply(tx, &keys, channel.0, &[change], now)).await
}
