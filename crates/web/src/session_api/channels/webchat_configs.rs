//! The configuration of a web chat on the wire.

use desk::channels::webchat_configs::WebchatPatch;
use domain::{
    ids::ChannelId,
    visitors::{PreChatField, ReplyTime, WebchatConfig},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::configs;
use crate::{error::Result, parse::present, patch::Patch};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigBody {
    #[serde(default, deserialize_with = "present")]
    allowed_origins: Option<Vec<String>>,
    #[serde(default)]
    greeting: Patch<String>,
    #[serde(default)]
    color: Patch<String>,
    #[serde(default, deserialize_with = "present")]
    reply_time: Option<ReplyTime>,
    #[serde(default, deserialize_with = "present")]
    pre_chat: Option<Vec<FieldBody>>,
    #[serde(default, deserialize_with = "present")]
    ask_rating: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    enforce_identity: Option<bool>,
    #[serde(default)]
    email_channel_id: Patch<ChannelId>,
    #[serde(default, deserialize_with = "present")]
    email_after_seconds: Option<u32>,
    /// True makes another one, which the answer tells.
    #[serde(default)]
    new_identity_secret: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldBody {
    field: String,
    label: String,
    #[serde(default)]
    required: bool,
}

pub(super) fn parse(config: Value) -> Result<WebchatPatch> {
    let body: ConfigBody = configs::read(config)?;
    let field =
        |it: FieldBody| PreChatField { field: it.field, label: it.label, required: it.required };
    Ok(WebchatPatch {
        allowed_origins: body.allowed_origins,
        greeting: body.greeting.into_option(),
        color: body.color.into_option(),
        reply_time: body.reply_time,
        pre_chat: body.pre_chat.map(|it| it.into_iter().map(field).collect()),
        ask_rating: body.ask_rating,
        enforce_identity: body.enforce_identity,
        email_channel_id: body.email_channel_id.into_option(),
        email_after_seconds: body.email_after_seconds,
        new_identity_secret: body.new_identity_secret,
    })
}

pub(super) fn view(config: &Value, identity_secret: Value) -> Value {
    let Ok(it) = serde_json::from_value::<WebchatConfig>(config.clone()) else {
        return Value::Null;
    };
    json!({
        "allowed_origins": it.allowed_origins,
        "greeting": it.greeting,
        "color": it.color,
        "reply_time": it.reply_time,
        "pre_chat": it.pre_chat,
        "ask_rating": it.ask_rating,
        "enforce_identity": it.enforce_identity,
        "email_channel_id": it.email_channel_id,
        "email_after_seconds": it.email_after_seconds,
        "identity_secret": identity_secret,
    })
}
