//! Trying a channel out, and telling how far it came.

use connectors::email::check::{Step, check_imap, check_smtp};
use domain::{
    channels::{Channel, ChannelType},
    ids::ChannelId,
};
use storage::channels;

use super::{
    accounts::{self, AccountError},
    existing, webchat_config,
};
use crate::{Desk, DeskError, Result};

/// Connects to both servers as a watcher or sender would, and tells how far it came.
pub async fn test(desk: &Desk, id: ChannelId) -> Result<Vec<Step>> {
    let channel = desk.store.read(move |db| existing(db, id)).await?;
    if channel.kind == ChannelType::Webchat {
        return test_webchat(desk, channel).await;
    }
    let imap = async {
        match accounts::imap(desk, &channel).await {
            Ok(account) => Ok(check_imap(&account).await),
            Err(error) => not_set_up("IMAP", error),
        }
    };
    let smtp = async {
        match accounts::smtp(desk, &channel).await {
            Ok(account) => Ok(check_smtp(&account).await),
            Err(error) => not_set_up("SMTP", error),
        }
    };
    let (imap, smtp) = tokio::join!(imap, smtp);
    Ok([imap?, smtp?].concat())
}

/// A chat has no server to connect to; what can be wrong is how it is set up.
async fn test_webchat(desk: &Desk, channel: Channel) -> Result<Vec<Step>> {
    let config = webchat_config(&channel)?;
    let step = |name: &str, ok, detail: &str| Step {
        name: name.to_owned(),
        ok,
        detail: detail.to_owned(),
    };
    let mut steps = vec![match channel.is_active {
        true => step("Chat", true, "visitors can write"),
        false => step("Chat", false, "it is switched off: pages show no chat"),
    }];
    steps.push(match config.allowed_origins.as_slice() {
        [] => step("Pages", false, "no site may show the chat; add one to allowed_origins"),
        some => {
            let all: Vec<&str> = some.iter().map(|it| it.as_str()).collect();
            step("Pages", true, &format!("may be shown on {}", all.join(", ")))
        }
    });
    if config.enforce_identity {
        steps.push(step("Identity", true, "only visitors the site has signed for may write"));
    }
    let Some(id) = config.email_channel_id else {
        let detail = "who left reads your answers when they come back; choose an e-mail channel \
                      to send them by mail";
        steps.push(step("Replies by mail", true, detail));
        return Ok(steps);
    };
    let mailbox = desk.store.read(move |db| Ok::<_, DeskError>(channels::find(db, id)?)).await?;
    steps.push(match mailbox.filter(|it| it.deleted_at.is_none()) {
        Some(it) if it.is_active => {
            step("Replies by mail", true, &format!("go out over {}", it.name))
        }
        Some(it) => step("Replies by mail", false, &format!("{} is switched off", it.name)),
        None => step("Replies by mail", false, "the e-mail channel was deleted; choose another"),
    });
    Ok(steps)
}

fn not_set_up(protocol: &str, error: AccountError) -> Result<Vec<Step>> {
    match error {
        AccountError::Desk(error) => Err(error),
        other => Ok(vec![Step {
            name: format!("{protocol}: settings"),
            ok: false,
            detail: other.to_string(),
        }]),
    }
}
