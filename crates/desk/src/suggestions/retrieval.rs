//! Finds what others were answered, what is kept to be said, and what is written down, and ranks it.

use std::collections::HashMap;

use domain::{
    conversations::Conversation,
    messages::Direction,
    policy::{self, Action, Caller, Object},
    suggestions::{
        Origin, Source,
        masks::mask,
        ranking::{self, Term},
    },
    variables::Template,
};
use storage::{
    Reader, canned_replies, messages,
    suggestions::candidates::{self, Matches, Said},
    tags, workspace,
};

use super::{
    Found,
    questions::{self, Question},
    settings::Model,
};
use crate::{Result, variables};

/// Messages of the conversation that are looked at, newest first.
const THREAD: u32 = 30;
/// Newest messages, and passages, looked at for each word.
const MOST_MESSAGES: usize = 250;
const MOST_PASSAGES: usize = 100;
/// Of those, how many are read to be ranked.
const MOST_READ: usize = 200;
const MOST_SOURCES: usize = 5;
const MOST_TAGS: usize = 3;
/// A rarer word than one in so many weighs no more: it may be a slip of the pen.
const RAREST: f64 = 1.0 / 100_000.0;
/// What was written to be used again is preferred to what was once said.
const KEPT: f64 = 1.25;

/// Something that may answer the question.
struct Candidate {
    origin: Origin,
    title: String,
    /// What is ranked.
    about: String,
    /// What would be said.
    answer: String,
    /// How much it is preferred.
    weight: f64,
    conversation: Option<i64>,
}

/// Everything a suggestion for the conversation is made from.
pub(super) fn find(
    db: &Reader<'_>,
    caller: &Caller,
    conversation: Conversation,
    model: Option<Model>,
) -> Result<Found> {
    let newest = messages::page(db, conversation.number, messages::Place::Newest, THREAD)?;
    let thread = questions::thread(&newest);
    let question = Question::of(&thread, conversation.subject.as_deref());
    let (terms, candidates) = candidates(db, caller, &conversation, &question)?;
    let best = best(&terms, candidates);
    let has = tags::of_conversation(db, conversation.number)?;
    Ok(Found {
        workspace: workspace::find(db)?.map(|it| it.name).unwrap_or_default(),
        tags: suggested_tags(db, &best, &has)?,
        conversation_tags: has,
        all_tags: tags::all(db)?.into_iter().map(|it| it.name).collect(),
        sources: best.into_iter().map(|(it, _)| it).collect(),
        conversation,
        thread,
        question,
        model,
    })
}

fn candidates(
    db: &Reader<'_>,
    caller: &Caller,
    conversation: &Conversation,
    question: &Question,
) -> Result<(Vec<Term>, Vec<Candidate>)> {
    let (mut terms, mut said, mut passages) = (Vec::new(), Hits::default(), Hits::default());
    for word in &question.words {
        let in_messages = candidates::messages_with(db, word, MOST_MESSAGES)?;
        let in_passages = candidates::passages_with(db, word, MOST_PASSAGES)?;
        // A word that is everywhere in the articles of a shop may be rare in its mail.
        let share = in_messages.share.max(in_passages.share).max(RAREST);
        let term = Term { word: word.clone(), weight: ranking::weight(share) };
        said.add(&in_messages, term.weight);
        passages.add(&in_passages, term.weight);
        terms.push(term);
    }
    let mut found = canned(db, caller, conversation)?;
    for seq in passages.newest_of_the_best() {
        found.extend(candidates::passage(db, seq)?.map(|it| Candidate {
            origin: Origin::Article(it.article),
            about: format!("{}\n{}", it.title, it.text),
            title: it.title,
            answer: it.text,
            weight: KEPT,
            conversation: None,
        }));
    }
    for seq in said.newest_of_the_best() {
        if let Some(it) = candidates::said(db, seq, conversation.number)? {
            found.extend(earlier(db, caller, it)?);
        }
    }
    Ok((terms, found))
}

/// Rows that hold words of the question, with the weight of those words.
#[derive(Default)]
struct Hits(HashMap<i64, f64>);

impl Hits {
    fn add(&mut self, matches: &Matches, weight: f64) {
        for seq in &matches.seqs {
            *self.0.entry(*seq).or_default() += weight;
        }
    }

    fn newest_of_the_best(self) -> impl Iterator<Item = i64> {
        let mut all: Vec<(i64, f64)> = self.0.into_iter().collect();
        all.sort_by(|(seq, weight), (other, than)| than.total_cmp(weight).then(other.cmp(seq)));
        all.into_iter().take(MOST_READ).map(|(seq, _)| seq)
    }
}

/// What was said in another conversation: an answer, or a question with the answer it got.
fn earlier(db: &Reader<'_>, caller: &Caller, it: Said) -> Result<Option<Candidate>> {
    let object = Object::Conversation { assignee: it.assignee };
    if policy::authorize(caller, Action::ReadConversations, object).is_err() {
        return Ok(None);
    }
    let answer = match it.direction {
        Direction::Inbound => candidates::answer_to(db, &it)?,
        _ => Some(it.clone()),
    };
    let Some(answer) = answer.filter(|it| !it.text.trim().is_empty()) else { return Ok(None) };
    let names: Vec<&str> = it.contact_name.as_deref().into_iter().collect();
    let subject = it.subject.as_deref().unwrap_or_default();
    let about = match it.direction {
        Direction::Inbound => format!("{subject}\n{}\n{}", it.text, answer.text),
        _ => format!("{subject}\n{}", answer.text),
    };
    Ok(Some(Candidate {
        origin: Origin::Conversation(it.conversation),
        title: mask(&format!("#{} {subject}", it.number), &names).trim().to_owned(),
        answer: mask(&answer.text, &names),
        about,
        weight: 1.0,
        conversation: Some(it.number),
    }))
}

/// Canned replies the agent may use, filled in for this conversation.
fn canned(db: &Reader<'_>, caller: &Caller, conversation: &Conversation) -> Result<Vec<Candidate>> {
    let all = canned_replies::list(db, caller.agent())?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let values = variables::of(db, conversation, caller.agent())?;
    let filled = all.into_iter().filter_map(|it| {
        let answer = Template::parse(&it.text).ok()?.render(&values);
        Some(Candidate {
            origin: Origin::CannedReply(it.id),
            about: format!("{}\n{}", it.name, it.text),
            title: it.name,
            answer,
            weight: KEPT,
            conversation: None,
        })
    });
    Ok(filled.collect())
}

/// The best first, each origin once; with the number of the conversation it came from.
fn best(terms: &[Term], candidates: Vec<Candidate>) -> Vec<(Source, Option<i64>)> {
    let texts: Vec<&str> = candidates.iter().map(|it| it.about.as_str()).collect();
    let ranked = ranking::rank(terms, &texts);
    let mut scored: Vec<(f64, f64, Candidate)> = ranked
        .into_iter()
        .zip(candidates)
        .map(|((score, fit), it)| (score * it.weight, fit, it))
        .filter(|(score, ..)| *score > 0.0)
        .collect();
    scored.sort_by(|(score, ..), (other, ..)| other.total_cmp(score));
    let mut best: Vec<(Source, Option<i64>)> = Vec::new();
    for (_, fit, it) in scored {
        if best.len() == MOST_SOURCES {
            break;
        }
        if best.iter().all(|(known, _)| known.origin != it.origin) {
            let source = Source { origin: it.origin, title: it.title, text: it.answer, fit };
            best.push((source, it.conversation));
        }
    }
    best
}

/// Tags of the conversations found, where their fits together make one that fits.
fn suggested_tags(
    db: &Reader<'_>,
    best: &[(Source, Option<i64>)],
    has: &[String],
) -> Result<Vec<String>> {
    let mut votes: Vec<(String, f64)> = Vec::new();
    for (source, number) in best {
        let Some(number) = number else { continue };
        for tag in tags::of_conversation(db, *number)? {
            match votes.iter_mut().find(|(known, _)| *known == tag) {
                Some((_, votes)) => *votes += source.fit,
                None => votes.push((tag, source.fit)),
            }
        }
    }
    votes.retain(|(tag, votes)| *votes >= 0.5 && !has.contains(tag));
    votes.sort_by(|(_, votes), (_, than)| than.total_cmp(votes));
    Ok(votes.into_iter().take(MOST_TAGS).map(|(tag, _)| tag).collect())
}
