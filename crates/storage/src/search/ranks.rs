//! The order by relevance: among the newest matches, those that are most about the words.

use std::collections::HashMap;

use domain::searches::snippets::Terms;

use super::{
    conversations::{self, Hit, Place, Start},
    query::Query,
    snippets,
};
use crate::{Reader, Result, conversations::list::Filter};

/// What a subject says in few words weighs more than a message.
const SUBJECT: f64 = 2.0;
/// Somebody's name or address was typed to find them.
const CONTACT: f64 = 3.0;

/// The newest `most` matches, the most relevant first, and whether these are all there are.
pub fn best(
    db: &Reader<'_>,
    query: &Query,
    terms: &Terms,
    filter: &Filter,
    most: usize,
) -> Result<(Vec<Hit>, bool)> {
    let found = conversations::hits(db, query, filter, Start::Offset(0), most)?;
    let mut weights = HashMap::with_capacity(found.hits.len());
    for hit in &found.hits {
        weights.insert(hit.number, weight(db, terms, hit)?);
        if db.out_of_time() {
            break;
        }
    }
    let mut hits = found.hits;
    let weight = |it: &Hit| weights.get(&it.number).copied().unwrap_or_default();
    // The sort is stable: of equals the newer stays first.
    hits.sort_by(|one, other| weight(other).total_cmp(&weight(one)));
    Ok((hits, found.next.is_none()))
}

fn weight(db: &Reader<'_>, terms: &Terms, hit: &Hit) -> Result<f64> {
    let subject = snippets::subject(db, hit.number)?.map_or(0.0, |it| terms.weight(&it));
    let own = match hit.place {
        Place::Message(seq) => {
            snippets::message(db, seq)?.map_or(0.0, |(_, text)| terms.weight(&text))
        }
        Place::Subject => 0.0,
        Place::Contact => CONTACT,
    };
    Ok(own + SUBJECT * subject)
}
