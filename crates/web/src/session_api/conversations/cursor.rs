//! Where a page ended, as an opaque word: it holds for the order it was made in.

use desk::conversations::list::{From, MatchCursor, RowCursor, Sort};

use crate::error::{ApiError, Result};

/// What a cursor belongs to: a list in an order, or the matches of a search in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub sort: Sort,
    pub is_search: bool,
}

impl Key {
    fn letter(self) -> char {
        match (self.is_search, self.sort) {
            (false, Sort::Newest | Sort::Relevance) => 'n',
            (false, Sort::Oldest) => 'o',
            (false, Sort::Waiting) => 'w',
            (true, Sort::Newest) => 'm',
            (true, Sort::Oldest) => 'p',
            (true, Sort::Waiting) => 'x',
            (true, Sort::Relevance) => 'r',
        }
    }
}

pub(super) fn encode(key: Key, it: From) -> String {
    let (mut numbers, skip) = match it {
        From::Offset(offset) => (vec![i64::from(offset)], 0),
        From::Row(it, skip) => (vec![it.key, it.number], skip),
        From::Match(it, skip) => {
            let place = [it.message_seq, it.conversation_number, it.contact_conversation_number];
            (place.to_vec(), skip)
        }
    };
    if skip > 0 {
        numbers.push(i64::from(skip));
    }
    let mut text = String::from(key.letter());
    for it in numbers {
        text.push_str(&format!("{it:016x}"));
    }
    text
}

/// # Errors
/// A 400 for what we never made, or made for another order.
pub(super) fn decode(key: Key, text: &str) -> Result<From> {
    parse(key, text).ok_or_else(|| {
        ApiError::invalid("cursor", "is not a next_cursor of this list in this order")
    })
}

fn parse(key: Key, text: &str) -> Option<From> {
    let digits = text.strip_prefix(key.letter())?;
    let is_ours = digits.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    if !is_ours || digits.len() % 16 != 0 {
        return None;
    }
    let numbers: Vec<i64> = digits
        .as_bytes()
        .chunks(16)
        .map(|it| {
            let word = std::str::from_utf8(it).ok()?;
            u64::from_str_radix(word, 16).ok().map(u64::cast_signed)
        })
        .collect::<Option<_>>()?;
    let skip = |it: &[i64]| match it {
        [] => Some(0),
        [rows] => u32::try_from(*rows).ok().filter(|it| *it > 0),
        _ => None,
    };
    match (key.is_search, key.sort, numbers.as_slice()) {
        (false, _, [at, number, left @ ..]) => {
            Some(From::Row(RowCursor { key: *at, number: *number }, skip(left)?))
        }
        (true, Sort::Newest, [message, conversation, contact, left @ ..]) => {
            let place = MatchCursor {
                message_seq: *message,
                conversation_number: *conversation,
                contact_conversation_number: *contact,
            };
            Some(From::Match(place, skip(left)?))
        }
        // Among few matches the newest are counted off, too.
        (true, _, [offset]) => u32::try_from(*offset).ok().map(From::Offset),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEYS: [Key; 6] = [
        Key { sort: Sort::Newest, is_search: false },
        Key { sort: Sort::Oldest, is_search: false },
        Key { sort: Sort::Waiting, is_search: false },
        Key { sort: Sort::Newest, is_search: true },
        Key { sort: Sort::Oldest, is_search: true },
        Key { sort: Sort::Waiting, is_search: true },
    ];

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_was_and_only_in_its_own_order(
            which in 0..6_usize, a: i64, b: i64, c: i64, offset in prop_oneof![Just(0), any::<u32>()],
        ) {
            let key = KEYS[which];
            let it = match (key.is_search, key.sort) {
                (false, _) => From::Row(RowCursor { key: a, number: b }, offset),
                (true, Sort::Newest) => From::Match(MatchCursor {
                    message_seq: a, conversation_number: b, contact_conversation_number: c,
                }, offset),
                (true, _) => From::Offset(offset),
            };
            let text = encode(key, it);
            prop_assert_eq!(decode(key, &text).unwrap(), it);
            for other in KEYS.into_iter().filter(|it| *it != key) {
                prop_assert!(decode(other, &text).is_err());
            }
        }

        #[test]
        fn any_text_is_a_cursor_or_a_400(text in ".{0,60}|[nowmpx][0-9a-f]{0,60}") {
            for key in KEYS {
                if let Ok(it) = decode(key, &text) {
                    prop_assert_eq!(encode(key, it), text.clone());
                }
            }
        }
    }
}
