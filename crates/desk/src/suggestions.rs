//! A reply suggested to an agent: found among earlier answers, canned replies and articles, and
//! drafted by a model where an admin connected one. It is never sent by itself.

mod breaker;
mod drafts;
mod prompts;
mod questions;
mod retrieval;
pub mod settings;

use domain::{
    Timestamp,
    conversations::Conversation,
    events::{Actor, Event},
    ids::{ConversationId, DraftId},
    messages::Message,
    policy::{Action, Caller},
    suggestions::{Engine, Source},
};
use storage::{Tx, events, suggestions::usage};

pub(crate) use breaker::Models;

use self::{
    questions::{Line, Question},
    settings::Model,
};
use crate::{Desk, DeskError, Result, conversations::access, messages::display::off_thread};

/// Below this a source has too little to do with the question to stand as its answer.
const LEAST_FIT: f64 = 0.3;

#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Plain text; none when nothing fits.
    pub text: Option<String>,
    pub engine: Engine,
    /// 0 to 1: how much of what the customer asks the best source speaks of.
    pub confidence: f64,
    /// The best first.
    pub sources: Vec<Source>,
    pub summary: Option<String>,
    /// Tags there are, which the conversation does not have.
    pub tags: Vec<String>,
    /// What a message made from it names, so that its cost is known by message.
    pub draft: Option<DraftId>,
    /// Why the model did not write it though there is one, for a person.
    pub notice: Option<&'static str>,
}

/// What a suggestion is made from.
#[derive(Debug, Clone)]
struct Found {
    conversation: Conversation,
    workspace: String,
    /// What customer and agents wrote, oldest first. Never a note.
    thread: Vec<Line>,
    question: Question,
    sources: Vec<Source>,
    /// Tags of the conversations among the sources.
    tags: Vec<String>,
    all_tags: Vec<String>,
    conversation_tags: Vec<String>,
    model: Option<Model>,
}

/// Suggests a reply.
#[tracing::instrument(skip_all, fields(conversation.id = %id))]
pub async fn suggest(desk: &Desk, caller: Caller, id: ConversationId) -> Result<Suggestion> {
    let keys = desk.keys.clone();
    let found = desk
        .store
        .read(move |db| {
            let it = access::load(db, &caller, Action::ReadConversations, id)?.conversation;
            let model = settings::model(db, &keys)?;
            retrieval::find(db, &caller, it, model)
        })
        .await?;
    let (found, mut suggestion) = off_thread(move || {
        let suggestion = retrieved(&found);
        (found, suggestion)
    })
    .await?;
    // Once asked, the model's answer is waited for and its cost kept, even if nobody listens any more.
    let drafting = desk.clone();
    let drafted = tokio::spawn(async move { drafts::draft(&drafting, caller, &found).await });
    let drafted = drafted.await.map_err(|error| DeskError::Internal(error.to_string()))?;
    match drafted? {
        drafts::Outcome::NoModel => {}
        drafts::Outcome::Left(notice) => suggestion.notice = Some(notice),
        drafts::Outcome::Written(it) => {
            suggestion.engine = Engine::Model(it.model);
            suggestion.text = Some(it.reply);
            suggestion.summary = it.summary.or(suggestion.summary);
            suggestion.tags = it.tags;
            suggestion.draft = Some(it.id);
        }
    }
    Ok(suggestion)
}

/// Notes that a message was made from a model's draft: what that cost is the message's.
///
/// # Errors
/// `Invalid` when the draft is not of this conversation, or became a message before.
pub(crate) fn use_in(
    tx: &Tx<'_>,
    conversation: &Conversation,
    draft: DraftId,
    message: &Message,
    actor: Actor,
    now: Timestamp,
) -> Result<()> {
    if !usage::link(tx, draft, conversation.number, message.id)? {
        let message = "is not a suggestion made for this conversation that was not used yet";
        return Err(DeskError::invalid("suggestion_id", message));
    }
    let event = Event::SuggestionUsed { message_id: message.id };
    events::append(tx, Some(conversation), event, actor, now)?;
    Ok(())
}

fn retrieved(found: &Found) -> Suggestion {
    let best = found.sources.first();
    let fitting = best.filter(|it| it.fit >= LEAST_FIT);
    Suggestion {
        text: fitting.map(|it| it.text.clone()),
        engine: Engine::Retrieval,
        confidence: best.map_or(0.0, |it| (it.fit * 100.0).round() / 100.0),
        sources: found.sources.clone(),
        summary: found.question.summary(),
        tags: found.tags.clone(),
        draft: None,
        notice: None,
    }
}
