//! The desk's own mail: invitations and password resets, composed here and sent by a worker.

mod sending;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use domain::{
    Timestamp,
    agents::Agent,
    ids::AgentId,
    jobs::{Job, JobKind},
    sessions::LinkPurpose,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::{StoreError, Tx, agents, jobs, links, workspace};
use url::Url;
use uuid::Uuid;

pub(crate) use sending::{send, send_message};

use crate::{Desk, DeskError, Keys, Result, keys::Sealed, tokens::Token};

/// A plain-text mail, ready for the server in [`crate::Options::system_mail`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemMessage {
    pub to_name: String,
    pub to_address: String,
    pub subject: String,
    pub text: String,
}

const SEALED_AS: &str = "system mail";
pub(crate) const LANE: &str = "system mail";

/// What a job carries: the token is sealed, and goes with the job.
#[derive(Serialize, Deserialize)]
struct Payload {
    purpose: String,
    key_id: String,
    nonce: String,
    ciphertext: String,
}

/// Queues the mail with a link. Without a mail server or a public URL there is none, and a warning
/// in the log.
pub(crate) fn enqueue(
    desk: &Desk,
    tx: &Tx<'_>,
    purpose: LinkPurpose,
    agent: &Agent,
    token: &Token,
    now: Timestamp,
) -> Result<()> {
    if desk.options.system_mail.is_none() || desk.options.public_url.is_none() {
        tracing::warn!(
            agent.id = %agent.id,
            "No {purpose} mail was sent: it needs smtp.host and public_url in the configuration"
        );
        return Ok(());
    }
    let payload = Payload::seal(&desk.keys, purpose.to_string(), agent.id.0, token).document();
    let job = jobs::NewJob {
        kind: JobKind::SendSystemMail,
        subject: agent.id.0,
        payload,
        lane: LANE.to_owned(),
        run_at: now,
    };
    Ok(jobs::put(tx, &job, now)?)
}

/// The mail of a job; `None` when it is pointless by now: the link was used or is over, or the
/// agent is gone.
pub async fn compose(desk: &Desk, job: &Job) -> Result<Option<SystemMessage>> {
    let broken = |what: &str| DeskError::Internal(format!("a system mail job: {what}"));
    let payload: Payload =
        serde_json::from_value(job.payload.clone()).map_err(|_| broken("its payload"))?;
    let purpose: LinkPurpose = payload.purpose.parse().map_err(|_| broken("its purpose"))?;
    let token = open(&desk.keys, job, &payload).ok_or_else(|| broken("its sealed token"))?;
    let Some(public_url) = desk.options.public_url.clone() else { return Ok(None) };
    let (id, now) = (AgentId(job.subject), desk.clock.now());
    let hash = token.hash();
    let found = desk
        .store
        .read(move |db| {
            let valid = links::find(db, purpose, &hash, now)?.is_some();
            let agent = agents::find(db, id)?.filter(|it| valid && it.can_work());
            let workspace = workspace::find(db)?.map_or_else(String::new, |it| it.name);
            Ok::<_, DeskError>(agent.map(|it| (it, workspace)))
        })
        .await?;
    Ok(found.map(|(agent, workspace)| {
        let link = link(&public_url, purpose, &token);
        message(purpose, &agent, &workspace, &link)
    }))
}

/// Seals the tokens of waiting mails with another key. One that cannot be opened leads nowhere
/// with any key: its job fails by itself.
pub(crate) fn reseal(tx: &Tx<'_>, old: &Keys, new: &Keys) -> Result<(), StoreError> {
    for job in jobs::of_kind(tx, JobKind::SendSystemMail)? {
        let Ok(payload) = serde_json::from_value::<Payload>(job.payload.clone()) else { continue };
        let Some(token) = open(old, &job, &payload) else { continue };
        let payload = Payload::seal(new, payload.purpose, job.subject, &token);
        jobs::set_payload(tx, job.id, &payload.document())?;
    }
    Ok(())
}

impl Payload {
    fn seal(keys: &Keys, purpose: String, agent: Uuid, token: &Token) -> Self {
        let sealed = keys.seal(agent, SEALED_AS, token.reveal().as_bytes());
        Self {
            purpose,
            key_id: sealed.key_id,
            nonce: BASE64.encode(sealed.nonce),
            ciphertext: BASE64.encode(sealed.ciphertext),
        }
    }

    fn document(&self) -> Value {
        serde_json::to_value(self).expect("four texts are always JSON")
    }
}

fn open(keys: &Keys, job: &Job, payload: &Payload) -> Option<Token> {
    let sealed = Sealed {
        key_id: payload.key_id.clone(),
        nonce: BASE64.decode(&payload.nonce).ok()?.try_into().ok()?,
        ciphertext: BASE64.decode(&payload.ciphertext).ok()?,
    };
    let plain = keys.open_sealed(job.subject, SEALED_AS, &sealed).ok()?;
    Token::parse(&String::from_utf8(plain).ok()?)
}

/// The token stands behind the `#`, which no server and no log sees.
pub fn link(base: &Url, purpose: LinkPurpose, token: &Token) -> String {
    let page = match purpose {
        LinkPurpose::Setup => "setup",
        LinkPurpose::Invitation => "invitation",
        LinkPurpose::Reset => "reset",
    };
    format!("{}/{page}#{}", base.as_str().trim_end_matches('/'), token.reveal())
}

fn message(purpose: LinkPurpose, agent: &Agent, workspace: &str, link: &str) -> SystemMessage {
    let name = &agent.name;
    let (subject, text) = match purpose {
        LinkPurpose::Invitation | LinkPurpose::Setup => (
            format!("Your account at {workspace}"),
            format!(
                "Hello {name},\n\nyou were invited to answer customers of {workspace}. Choose a \
                 password to begin:\n\n{link}\n\nThe link works once, within three days.\n"
            ),
        ),
        LinkPurpose::Reset => (
            format!("Choose a new password for {workspace}"),
            format!(
                "Hello {name},\n\nsomebody, hopefully you, asked for a new password. Choose it \
                 here:\n\n{link}\n\nThe link works once, within half an hour. If it was not you, \
                 nothing needs to be done.\n"
            ),
        ),
    };
    let to_address = agent.email.to_string();
    SystemMessage { to_name: name.clone(), to_address, subject, text }
}
