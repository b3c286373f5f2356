//! What a channel is set up with, by its type: checked, and read back.

use domain::{channels::Channel, mails::MailConfig, visitors::WebchatConfig};

use super::{
    mail_configs::{self, MailPatch},
    webchat_configs::{self, WebchatPatch},
};
use crate::{DeskError, Problems, Result, options::Secret, secrets::Change};

/// What is to be configured of a channel, by its type.
#[derive(Debug, Clone)]
pub enum ConfigPatch {
    Mail(Box<MailPatch>),
    Webchat(WebchatPatch),
}

/// A configuration that holds together, as it is stored.
pub(super) struct Checked {
    pub config: serde_json::Value,
    pub secrets: Vec<Change>,
    pub new_secret: Option<Secret>,
}

/// None when something was noted in `problems`.
pub(super) fn check(
    patch: ConfigPatch,
    before: Option<&Channel>,
    set: &[String],
    problems: &mut Problems,
) -> Result<Option<Checked>> {
    Ok(match patch {
        ConfigPatch::Mail(patch) => {
            let before = before.map(mail_config).transpose()?;
            match mail_configs::check(*patch, before.as_ref(), set, problems) {
                Some(it) => Some(Checked {
                    config: document(&it.config)?,
                    secrets: it.secrets,
                    new_secret: None,
                }),
                None => None,
            }
        }
        ConfigPatch::Webchat(patch) => {
            let before = before.map(webchat_config).transpose()?;
            match webchat_configs::check(patch, before.as_ref(), problems) {
                Some(it) => Some(Checked {
                    config: document(&it.config)?,
                    secrets: it.secrets(),
                    new_secret: it.new_secret,
                }),
                None => None,
            }
        }
    })
}

/// The configuration of an e-mail channel.
pub fn mail_config(channel: &Channel) -> Result<MailConfig> {
    serde_json::from_value(channel.config.clone()).map_err(|error| {
        DeskError::Internal(format!("the configuration of channel {}: {error}", channel.id))
    })
}

/// The configuration of a web chat.
pub fn webchat_config(channel: &Channel) -> Result<WebchatConfig> {
    serde_json::from_value(channel.config.clone()).map_err(|error| {
        DeskError::Internal(format!("the configuration of channel {}: {error}", channel.id))
    })
}

fn document(config: &impl serde::Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(config).map_err(|error| DeskError::Internal(error.to_string()))
}
