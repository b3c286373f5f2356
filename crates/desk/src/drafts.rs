//! Drafts: what an agent has begun to write, found again in any browser until it is sent.

use domain::{
    Timestamp,
    conversations::Conversation,
    drafts::{Draft, DraftKind},
    ids::{AgentId, AttachmentId, ConversationId},
    messages::Attachment,
    policy::{Action, Caller, Denied},
    text,
};
use storage::{Reader, Tx, attachments, conversations::overviews, drafts};

use crate::{
    Desk, DeskError, Problems, Result,
    attachments::UPLOAD_SECONDS,
    conversations::access,
    messages::draft::{LARGEST_HTML, LONGEST_TEXT, MOST_ATTACHMENTS, MOST_COPIES},
};

const DAY: i64 = 24 * 3600;
/// A draft nobody has touched for so long was given up.
pub(crate) const LIFE_SECONDS: i64 = 365 * DAY;
/// A day longer, so that no upload goes before the draft that holds it.
const UPLOADS_SECONDS: i64 = LIFE_SECONDS + DAY;
const LONGEST_ADDRESS: usize = 320;
/// More than anybody has begun.
const MOST_LISTED: u32 = 500;

/// A draft with the files that will go with it.
#[derive(Debug, Clone)]
pub struct Kept {
    pub conversation: ConversationId,
    pub draft: Draft,
    pub attachments: Vec<Attachment>,
}

/// What somebody has typed so far.
#[derive(Debug, Clone)]
pub struct Typed {
    pub kind: DraftKind,
    pub text: String,
    pub html: Option<String>,
    pub cc: Vec<String>,
    pub bcc: Vec<String>,
    pub attachments: Vec<AttachmentId>,
}

/// The caller's draft in a conversation, or a blank one.
pub async fn find(desk: &Desk, caller: Caller, id: ConversationId) -> Result<Kept> {
    let agent = agent_of(&caller)?;
    desk.store
        .read(move |db| {
            let it = access::load(db, &caller, Action::ReadConversations, id)?.conversation;
            kept(db, agent, &it)
        })
        .await
}

/// The conversations in which the caller has a draft, the newest first.
pub async fn list(desk: &Desk, caller: Caller) -> Result<Vec<Kept>> {
    let agent = agent_of(&caller)?;
    desk.store
        .read(move |db| {
            let mut all = Vec::new();
            for draft in drafts::of_agent(db, agent, MOST_LISTED)? {
                let found = overviews::find_all(db, &[draft.conversation_number])?;
                let Some(it) = found.into_iter().next() else { continue };
                if access::check(&caller, Action::ReadConversations, &it.conversation).is_ok() {
                    let conversation = it.conversation.id;
                    all.push(Kept { conversation, draft, attachments: Vec::new() });
                }
            }
            Ok(all)
        })
        .await
}

/// Keeps what is typed in place of `version`, which is 0 where there was nothing.
///
/// # Errors
/// `Outdated` with the draft as it is when another browser has changed or sent it meanwhile.
pub async fn put(
    desk: &Desk,
    caller: Caller,
    id: ConversationId,
    version: i64,
    typed: Typed,
) -> Result<Kept> {
    let agent = agent_of(&caller)?;
    let now = desk.clock.now();
    let typed = checked(typed)?;
    let kept = desk
        .store
        .write(move |tx| {
            let it = access::load(tx, &caller, Action::SendMessages, id)?.conversation;
            let before = refuse_outdated(tx, agent, &it, version)?;
            let until = now.plus_seconds(UPLOADS_SECONDS);
            let files = attachments::keep_uploads(tx, &typed.attachments, agent, until)?;
            let after = Draft {
                agent,
                conversation_number: it.number,
                kind: typed.kind,
                text: typed.text,
                html: typed.html,
                cc: typed.cc,
                bcc: typed.bcc,
                attachments: files.iter().map(|it| it.id).collect(),
                version: Draft::next_version(version, now),
                updated_at: now,
            };
            let let_go = |id: &AttachmentId| !after.attachments.contains(id);
            release(tx, before.attachments.into_iter().filter(let_go).collect(), agent, now)?;
            drafts::put(tx, &after)?;
            Ok::<_, DeskError>(Kept { conversation: it.id, draft: after, attachments: files })
        })
        .await?;
    desk.draft_news.tell(agent, id, kept.draft.version);
    Ok(kept)
}

/// Gives a draft up; it is answered as it was, blank if there was none.
///
/// # Errors
/// `Outdated` when it is not at `version` any more, where one is given.
pub async fn delete(
    desk: &Desk,
    caller: Caller,
    id: ConversationId,
    version: Option<i64>,
) -> Result<Kept> {
    let agent = agent_of(&caller)?;
    let now = desk.clock.now();
    let (was, is_gone) = desk
        .store
        .write(move |tx| {
            let it = access::load(tx, &caller, Action::SendMessages, id)?.conversation;
            let was = kept(tx, agent, &it)?;
            if let Some(version) = version {
                refuse_outdated(tx, agent, &it, version)?;
            }
            let is_gone = drop_in(tx, agent, it.number, now)?;
            Ok::<_, DeskError>((was, is_gone))
        })
        .await?;
    if is_gone {
        desk.draft_news.tell(agent, id, Draft::NONE);
    }
    Ok(was)
}

/// After it was sent, or given up: files that went with no message have an hour left. Returns
/// whether there was one.
pub(crate) fn drop_in(
    tx: &Tx<'_>,
    agent: AgentId,
    conversation: i64,
    now: Timestamp,
) -> Result<bool> {
    let Some(gone) = drafts::delete(tx, agent, conversation)? else { return Ok(false) };
    release(tx, gone.attachments, agent, now)?;
    Ok(true)
}

/// Takes everybody's drafts along when a conversation goes into another.
pub(crate) fn follow_merge(tx: &Tx<'_>, from: i64, into: i64, now: Timestamp) -> Result<()> {
    for moved in drafts::of_conversation(tx, from)? {
        let agent = moved.agent;
        let mut it = drafts::find(tx, agent, into)?.unwrap_or_else(|| Draft::blank(agent, into));
        if it.version == Draft::NONE {
            it = Draft { conversation_number: into, ..moved };
        } else {
            it.join(moved);
        }
        it.version = Draft::next_version(it.version, now);
        drafts::put(tx, &it)?;
        drafts::delete(tx, agent, from)?;
    }
    Ok(())
}

fn agent_of(caller: &Caller) -> Result<AgentId> {
    Ok(caller.agent().ok_or(Denied::NotSignedIn)?)
}

fn kept(db: &Reader<'_>, agent: AgentId, conversation: &Conversation) -> Result<Kept> {
    let number = conversation.number;
    let draft = drafts::find(db, agent, number)?.unwrap_or_else(|| Draft::blank(agent, number));
    let mut files = Vec::with_capacity(draft.attachments.len());
    for id in &draft.attachments {
        let found = attachments::find(db, *id)?;
        let own = |it: &attachments::Stored| it.message_seq.is_none() && it.uploader == Some(agent);
        files.extend(found.filter(own).map(|it| it.attachment));
    }
    Ok(Kept { conversation: conversation.id, draft, attachments: files })
}

fn refuse_outdated(
    tx: &Tx<'_>,
    agent: AgentId,
    conversation: &Conversation,
    version: i64,
) -> Result<Draft> {
    let now = kept(tx, agent, conversation)?;
    if now.draft.version == version {
        return Ok(now.draft);
    }
    Err(DeskError::Outdated { draft: Box::new(now) })
}

fn release(tx: &Tx<'_>, ids: Vec<AttachmentId>, agent: AgentId, now: Timestamp) -> Result<()> {
    attachments::keep_uploads(tx, &ids, agent, now.plus_seconds(UPLOAD_SECONDS))?;
    Ok(())
}

fn checked(it: Typed) -> Result<Typed> {
    let mut problems = Problems::default();
    let text = problems.check("text", text::block(&it.text, LONGEST_TEXT)).unwrap_or_default();
    if it.html.as_ref().is_some_and(|it| it.len() > LARGEST_HTML) {
        problems.add("html", format!("must be at most {LARGEST_HTML} bytes long"));
    }
    if it.attachments.len() > MOST_ATTACHMENTS {
        problems.add("attachment_ids", format!("at most {MOST_ATTACHMENTS} go with a message"));
    }
    let cc = addresses(&mut problems, "cc", &it.cc);
    let bcc = addresses(&mut problems, "bcc", &it.bcc);
    problems.finish()?;
    Ok(Typed { text, cc, bcc, ..it })
}

/// One may be half typed: sending is what asks for real ones.
fn addresses(problems: &mut Problems, field: &str, all: &[String]) -> Vec<String> {
    if all.len() > MOST_COPIES {
        problems.add(field, format!("at most {MOST_COPIES} addresses"));
        return Vec::new();
    }
    let kept = all.iter().map(|it| text::line_lossy(it, LONGEST_ADDRESS));
    kept.filter(|it| !it.is_empty()).collect()
}
