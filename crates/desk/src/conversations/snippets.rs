//! Extracts that show why a search found a conversation.

use domain::{
    conversations::Overview,
    ids::MessageId,
    searches::snippets::{Part, Terms},
};
use storage::{
    Reader,
    search::{
        conversations::{Hit, Place},
        snippets,
    },
};

use crate::Result;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    pub field: Field,
    /// The message it was taken from, if it was one.
    pub message: Option<MessageId>,
    pub parts: Vec<Part>,
}

domain::words!(
    /// Where the words stand.
    Field, "field", {
        Message => "message",
        Subject => "subject",
        Contact => "contact",
    }
);

/// None where the words stand in what is not kept as text, such as the last digits of a number.
pub(super) fn of(
    db: &Reader<'_>,
    terms: &Terms,
    hit: &Hit,
    overview: &Overview,
) -> Result<Option<Snippet>> {
    let (field, message, text) = match hit.place {
        Place::Message(seq) => match snippets::message(db, seq)? {
            Some((id, text)) => (Field::Message, Some(id), text),
            None => return Ok(None),
        },
        Place::Subject => match snippets::subject(db, hit.number)? {
            Some(text) => (Field::Subject, None, text),
            None => return Ok(None),
        },
        Place::Contact => {
            let it = &overview.contact;
            let known = [it.name.as_deref(), it.email.as_deref(), it.phone.as_deref()];
            let known: Vec<&str> = known.into_iter().flatten().collect();
            (Field::Contact, None, known.join(" · "))
        }
    };
    Ok(terms.extract(&text).map(|parts| Snippet { field, message, parts }))
}
