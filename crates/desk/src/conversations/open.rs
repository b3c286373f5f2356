//! Opening a conversation from our side, with a first message.

use domain::{
    conversations::{Conversation, Overview},
    events::Event,
    ids::{AgentId, ChannelId, ConversationId},
    policy::{self, Action, Caller, Object},
    tags::TagName,
};
use storage::{conversations, search::index};

pub use super::people::With;
use super::{access, assign, change, record::record, tags};
use crate::{
    Desk, Problems, Result,
    idempotency::{self, Claim},
    messages::{Draft, send},
};

const MOST_TAGS: usize = 50;

#[derive(Debug, Clone)]
pub struct Opening {
    pub channel: ChannelId,
    pub with: With,
    pub subject: Option<String>,
    pub assignee: Option<AgentId>,
    pub tags: Vec<String>,
    pub first: Draft,
}

/// Opens a conversation and queues its first message.
#[tracing::instrument(skip_all)]
pub async fn open(
    desk: &Desk,
    caller: Caller,
    opening: Opening,
    claim: Option<Claim>,
) -> Result<Overview> {
    policy::authorize(&caller, Action::SendMessages, Object::Any)?;
    let now = desk.clock.now();
    let mut problems = Problems::default();
    let subject = opening.subject.and_then(|it| change::subject_line(&mut problems, &it));
    let tag_names = parse_tags(&mut problems, &opening.tags);
    problems.finish()?;
    let first = opening.first.checked(now);
    let (channel, with, assignee) = (opening.channel, opening.with, opening.assignee);
    desk.write_then(
        move |tx| {
            let load = |tx: &storage::Tx<'_>, id| access::as_it_is(tx, ConversationId(id));
            idempotency::once(tx, claim.as_ref(), now, load, |tx| {
                // Not before: sent again later, a request is what it was, even if its time is over.
                let first = first?;
                let channel = send::working_channel(tx, channel)?;
                let contact = with.find_or_make(tx, &caller, now)?;
                let id = ConversationId::new();
                let kind = (channel.id, channel.kind);
                let mut it = Conversation::open(id, kind, contact.id, subject, now);
                conversations::insert(tx, &mut it)?;
                index::put_conversation(tx, it.number, it.subject.as_deref(), &[])?;
                record(tx, &it, Event::ConversationOpened, caller.actor(), now)?;
                for tag in &tag_names {
                    tags::put(tx, &caller, &mut it, tag, now)?;
                }
                if assignee.is_some() {
                    assign::hand_over(tx, &caller, &mut it, assignee, now)?;
                }
                send::put(tx, &caller, &mut it, &first, now)?;
                Ok((id.0, access::as_it_is(tx, id)?))
            })
        },
        |tx, it| access::as_it_is(tx, it.conversation.id),
    )
    .await
}

fn parse_tags(problems: &mut Problems, tags: &[String]) -> Vec<TagName> {
    if tags.len() > MOST_TAGS {
        problems.add("tags", format!("at most {MOST_TAGS}"));
        return Vec::new();
    }
    let parsed = tags.iter().enumerate();
    parsed
        .filter_map(|(at, it)| problems.check(&format!("tags[{at}]"), TagName::parse(it)))
        .collect()
}
