//! The configuration of a channel on the wire, by its type. Secrets go in and never come out.

use desk::{DeskError, channels::ConfigPatch, options::Secret};
use domain::channels::{Channel, ChannelType};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{mail_configs, webchat_configs};
use crate::{
    body::named_field,
    error::{ApiError, Result},
};

pub(super) fn parse(kind: ChannelType, config: Value) -> Result<ConfigPatch> {
    match kind {
        ChannelType::Email => Ok(ConfigPatch::Mail(Box::new(mail_configs::parse(config)?))),
        ChannelType::Webchat => Ok(ConfigPatch::Webchat(webchat_configs::parse(config)?)),
        other => Err(DeskError::NotAvailable(other.as_str()).into()),
    }
}

/// Everything but the secrets; one that was made just now is told once.
pub(super) fn view(channel: &Channel, secrets: &[String], new: Option<&Secret>) -> Value {
    let is_set = |name: &str| match secrets.iter().any(|it| it == name) {
        true => json!({ "set": true }),
        false => Value::Null,
    };
    match channel.kind {
        ChannelType::Webchat => {
            let secret = match new {
                Some(new) => json!(new.reveal()),
                None => is_set(domain::visitors::IDENTITY_SECRET),
            };
            webchat_configs::view(&channel.config, secret)
        }
        _ => mail_configs::view(&channel.config, is_set),
    }
}

/// Reads a `config`; each problem is named by its path from the top of the body.
pub(super) fn read<T: DeserializeOwned>(config: Value) -> Result<T> {
    serde_path_to_error::deserialize(config).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        let path = if path == "." { String::new() } else { format!(".{path}") };
        let field = match named_field(&message) {
            Some(name) if !path.ends_with(&format!(".{name}")) => format!("config{path}.{name}"),
            _ => format!("config{path}"),
        };
        ApiError::invalid(field, message)
    })
}
