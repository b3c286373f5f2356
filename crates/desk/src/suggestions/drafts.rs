//! Has the model write a draft within its deadline and budget, and keeps what that cost.

use connectors::models::{self, Tokens, Turn, Written};
use domain::{
    Timestamp,
    ids::DraftId,
    policy::{Caller, Denied},
    suggestions::credits,
};
use storage::suggestions::usage;

use super::{Found, prompts, settings};
use crate::{Desk, Result};

/// Enough for a long reply.
const MOST_TOKENS: u32 = 1_200;
/// Characters of a token where the server does not count; English has about four.
const TOKEN_LENGTH: usize = 4;

pub(super) struct Draft {
    pub id: DraftId,
    pub model: String,
    pub reply: String,
    pub summary: Option<String>,
    pub tags: Vec<String>,
}

pub(super) enum Outcome {
    /// No admin connected one.
    NoModel,
    /// Not asked or not answered; why, for an agent.
    Left(&'static str),
    Written(Draft),
}

pub(super) async fn draft(desk: &Desk, caller: Caller, found: &Found) -> Result<Outcome> {
    let Some(model) = &found.model else { return Ok(Outcome::NoModel) };
    if found.thread.is_empty() {
        return Ok(Outcome::Left("there is nothing to answer yet"));
    }
    let agent = caller.agent().ok_or(Denied::NotSignedIn)?;
    if !settings::within_budget(desk, model).await? {
        return Ok(Outcome::Left("the model's budget for this month is used up"));
    }
    if desk.models.is_left_alone(desk.clock.now()) {
        return Ok(Outcome::Left("the model does not answer just now"));
    }
    let Some(_slot) = desk.models.slot() else {
        return Ok(Outcome::Left("the model is busy with other drafts"));
    };
    let turns = prompts::turns(found);
    let written = models::write(&model.endpoint, &desk.options.guard, &turns, MOST_TOKENS).await;
    let now = desk.clock.now();
    let written = match written {
        Ok(written) => written,
        Err(error) => {
            tracing::warn!(%error, "The model gave no draft");
            desk.models.failed(error.to_string(), now);
            return Ok(Outcome::Left(
                "the model gave no answer; an admin sees why in the settings",
            ));
        }
    };
    desk.models.forget();
    let id = keep_cost(desk, found, agent, &turns, &written, now).await?;
    let has = &found.conversation_tags;
    let Some(answer) = prompts::read(&written.text, &found.all_tags, has) else {
        return Ok(Outcome::Left("the model's answer was empty"));
    };
    let prompts::Answer { reply, summary, tags } = answer;
    Ok(Outcome::Written(Draft { id, model: model.endpoint.model.clone(), reply, summary, tags }))
}

async fn keep_cost(
    desk: &Desk,
    found: &Found,
    agent: domain::ids::AgentId,
    turns: &[Turn],
    written: &Written,
    now: Timestamp,
) -> Result<DraftId> {
    let tokens = written.tokens.unwrap_or_else(|| estimate(turns, &written.text));
    let Some(model) = &found.model else { return Ok(DraftId::new()) };
    let used = usage::Used {
        id: DraftId::new(),
        conversation_number: found.conversation.number,
        agent,
        model: model.endpoint.model.clone(),
        prompt_tokens: tokens.prompt,
        completion_tokens: tokens.completion,
        credits: credits(tokens.prompt.saturating_add(tokens.completion)),
        at: now,
    };
    let id = used.id;
    desk.store
        .write(move |tx| {
            let month = settings::month(tx, now)?;
            Ok::<_, crate::DeskError>(usage::record(tx, &used, &month)?)
        })
        .await?;
    Ok(id)
}

fn estimate(turns: &[Turn], text: &str) -> Tokens {
    let count = |characters: usize| characters.div_ceil(TOKEN_LENGTH) as u64;
    Tokens {
        prompt: count(turns.iter().map(|it| it.content.chars().count()).sum()),
        completion: count(text.chars().count()),
    }
}
