//! Filling a canned reply in, and what happens when it is sent.

use connectors::email::{
    clean::{self, Display, RemoteImages},
    escape,
};
use domain::{
    Timestamp,
    canned_replies::{Actions, AssignTo, CannedReply},
    conversations::Conversation,
    ids::{CannedReplyId, ConversationId},
    policy::{Action, Caller},
    variables::{Template, Values, Variable},
};
use storage::{Tx, canned_replies, conversations};

use super::load;
use crate::{
    Desk, DeskError, Result,
    conversations::{access, assign, record::record, tags},
    messages::display::off_thread,
    variables,
};

/// A reply as it would be sent, for the agent to read and change first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub text: String,
    /// Cleaned like the HTML of a message.
    pub html: Option<String>,
    /// Variables that had neither a value nor a fallback, and left a gap.
    pub missing: Vec<Variable>,
}

/// Fills in what a conversation gives. Writes and sends nothing.
#[tracing::instrument(skip_all, fields(conversation.id = %conversation))]
pub async fn render(
    desk: &Desk,
    caller: Caller,
    id: CannedReplyId,
    conversation: ConversationId,
) -> Result<Rendered> {
    let (it, values) = desk
        .store
        .read(move |db| {
            let it = load(db, &caller, Action::UseCannedReplies, id)?;
            let overview = access::load(db, &caller, Action::ReadConversations, conversation)?;
            let values = variables::of(db, &overview.conversation, caller.agent())?;
            Ok::<_, DeskError>((it, values))
        })
        .await?;
    off_thread(move || fill_in(&it, &values)).await?
}

fn fill_in(it: &CannedReply, values: &Values) -> Result<Rendered> {
    let broken = |error| DeskError::Internal(format!("a stored canned reply: {error}"));
    let text = Template::parse(&it.text).map_err(broken)?;
    let html = it.html.as_deref().map(Template::parse_html).transpose().map_err(broken)?;
    let mut missing = text.missing(values);
    if let Some(html) = &html {
        missing.extend(html.missing(values));
        missing.sort_unstable();
        missing.dedup();
    }
    let html = html.map(|it| cleaned(&it.render_escaped(values, escape::plain)));
    Ok(Rendered { text: text.render(values), html, missing })
}

/// The replies with their HTML cleaned, as it may be shown.
pub async fn shown(mut all: Vec<CannedReply>) -> Result<Vec<CannedReply>> {
    if all.iter().all(|it| it.html.is_none()) {
        return Ok(all);
    }
    off_thread(move || {
        for it in &mut all {
            it.html = it.html.take().map(|html| cleaned(&html));
        }
        all
    })
    .await
}

fn cleaned(html: &str) -> String {
    // An agent wrote it: its pictures are no stranger's.
    let display = Display { inline: &|_| None, remote_images: RemoteImages::Shown };
    clean::clean(html, &display).html
}

/// Counts that a reply was sent in a conversation, and does there what goes with it.
pub(crate) fn use_in(
    tx: &Tx<'_>,
    caller: &Caller,
    conversation: &mut Conversation,
    id: CannedReplyId,
    now: Timestamp,
) -> Result<()> {
    let it = load(tx, caller, Action::UseCannedReplies, id)?;
    access::check(caller, Action::ChangeConversations, conversation)?;
    canned_replies::count_use(tx, id, now)?;
    apply(tx, caller, conversation, &it.actions, now)
}

/// # Errors
/// A conflict when the agent it assigns to cannot work any more.
fn apply(
    tx: &Tx<'_>,
    caller: &Caller,
    conversation: &mut Conversation,
    actions: &Actions,
    now: Timestamp,
) -> Result<()> {
    for tag in &actions.tags {
        tags::put(tx, caller, conversation, tag, now)?;
    }
    let to = match actions.assign {
        Some(AssignTo::User) => caller.agent(),
        Some(AssignTo::Agent(id)) => Some(id),
        None => None,
    };
    if to.is_some() {
        assign::hand_over(tx, caller, conversation, to, now)?;
    }
    if let Some(status) = actions.status
        && let Some(event) = conversation.set_status(status, None, caller.agent(), now)?
    {
        conversations::update(tx, conversation)?;
        record(tx, conversation, event, caller.actor(), now)?;
    }
    Ok(())
}
