//! Pages of a conversation's messages, bounded in bytes as well as in rows.

use domain::messages::Message;
use rusqlite::params;

use super::{SELECT, from_row, read_attachments};
use crate::{Reader, Result};

/// Which messages of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Newest,
    /// The last ones before a `seq`.
    Before(i64),
    /// The first ones after a `seq`.
    After(i64),
}

/// How much of their texts a page has, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Of one text, of one quoted text and of one signature.
    pub text: usize,
    /// Of the HTML of all. What does not fit is left out, what is read first comes first.
    pub html: usize,
}

/// A message as a list has it.
#[derive(Debug, Clone)]
pub struct Listed {
    pub message: Message,
    /// A text of it goes on: only the message read by itself has all.
    pub is_cut: bool,
    /// Whether there is HTML, also where it was left out here.
    pub has_html: bool,
}

impl Listed {
    pub fn whole(message: Message) -> Self {
        let has_html = message.html.is_some();
        Self { message, is_cut: false, has_html }
    }

    /// With the first `longest` bytes of each text.
    pub fn cut(message: Message, longest: usize) -> Self {
        let mut it = Self::whole(message);
        let Message { text, quoted, signature, .. } = &mut it.message;
        for text in [Some(text), quoted.as_mut(), signature.as_mut()].into_iter().flatten() {
            it.is_cut |= shorten(text, longest);
        }
        it
    }
}

fn shorten(text: &mut String, longest: usize) -> bool {
    if text.len() <= longest {
        return false;
    }
    text.truncate(text.floor_char_boundary(longest));
    text.shrink_to_fit();
    true
}

/// Messages in the order they were written, at most `limit`, whole.
pub fn page(db: &Reader<'_>, number: i64, place: Place, limit: u32) -> Result<Vec<Message>> {
    let bounds = Bounds { text: usize::MAX, html: usize::MAX };
    let listed = listed(db, number, place, limit, bounds)?;
    Ok(listed.into_iter().map(|it| it.message).collect())
}

/// The same for a list. Never more than one message is held whole.
pub fn listed(
    db: &Reader<'_>,
    number: i64,
    place: Place,
    limit: u32,
    bounds: Bounds,
) -> Result<Vec<Listed>> {
    let (condition, order, seq) = match place {
        Place::Newest => ("messages.seq <= ?2", "DESC", i64::MAX),
        Place::Before(seq) => ("messages.seq < ?2", "DESC", seq),
        Place::After(seq) => ("messages.seq > ?2", "ASC", seq),
    };
    let sql = format!(
        "{SELECT} WHERE messages.conversation_number = ?1 AND {condition}
         ORDER BY messages.seq {order} LIMIT ?3"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let mut rows = stmt.query(params![number, seq, limit])?;
    let mut html_left = bounds.html;
    let mut listed = Vec::new();
    while let Some(row) = rows.next()? {
        let mut it = Listed::cut(from_row(row)?, bounds.text);
        it.message.html = it.message.html.filter(|html| html.len() <= html_left);
        html_left -= it.message.html.as_ref().map_or(0, String::len);
        listed.push(it);
    }
    if order == "DESC" {
        listed.reverse();
    }
    read_attachments(db, listed.iter_mut().map(|it| &mut it.message))?;
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        let cases = [("abc", 3, "abc", false), ("abcd", 3, "abc", true), ("aé", 2, "a", true)];
        for (text, longest, want, is_cut) in cases {
            let mut it = text.to_owned();
            assert_eq!((shorten(&mut it, longest), it.as_str()), (is_cut, want), "{text}");
        }
    }
}
