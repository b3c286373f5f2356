//! Taking a search apart. Odd input is words, never an error.

use super::{Condition, MOST_CONDITIONS, NotNegatable, Search, Test, When, Who, Word};
use crate::{conversations::Status, zone::Day};

pub(super) fn search(text: &str) -> Result<Search, NotNegatable> {
    let mut search = Search::default();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { return Ok(search) };
        if first == '"' {
            let (phrase, after) = quoted(rest);
            if !phrase.trim().is_empty() {
                search.words.push(Word::Phrase(phrase.to_owned()));
            }
            rest = after;
            continue;
        }
        let may_ask = search.conditions.len() < MOST_CONDITIONS;
        match operator(rest).filter(|_| may_ask) {
            Some((test, negated, after)) => {
                search.conditions.push(condition(test, negated)?);
                rest = after;
            }
            None => {
                let (word, after) = plain(rest);
                search.words.push(Word::Plain(word.to_owned()));
                rest = after;
            }
        }
    }
}

/// Some operators are another one turned around.
fn condition(read: Read, negated: bool) -> Result<Condition, NotNegatable> {
    let (test, negated) = match read {
        Read::Test(test) => (test, negated),
        Read::Not(test) => (test, !negated),
    };
    let name = match test {
        Test::From(_) => "from:",
        Test::To(_) => "to:",
        Test::Number(_) => "number:",
        Test::Spam => "is:spam",
        _ => return Ok(Condition { test, negated }),
    };
    if negated { Err(NotNegatable(name)) } else { Ok(Condition { test, negated }) }
}

enum Read {
    Test(Test),
    Not(Test),
}

/// The operator that `text` begins with, whether it has a minus, and what follows it.
fn operator(text: &str) -> Option<(Read, bool, &str)> {
    let (negated, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if let Some(digits) = unsigned.strip_prefix('#') {
        let (word, after) = plain(digits);
        return Some((Read::Test(Test::Number(number(word)?)), negated, after));
    }
    let (name, value) = unsigned.split_once(':')?;
    let (value, after) = match value.starts_with('"') {
        true => quoted(value),
        false => plain(value),
    };
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    Some((test(&name.to_ascii_lowercase(), value)?, negated, after))
}

fn test(name: &str, value: &str) -> Option<Read> {
    let text = || value.to_owned();
    Some(Read::Test(match name {
        "from" => Test::From(text()),
        "to" => Test::To(text()),
        "tag" => Test::Tag(text()),
        "status" => Test::Status(value.to_ascii_lowercase().parse().ok()?),
        "channel" => Test::Channel(text()),
        "assignee" => Test::Assignee(match value.to_ascii_lowercase().as_str() {
            "me" => Who::Me,
            "none" | "nobody" => Who::Nobody,
            _ => Who::Named(text()),
        }),
        "before" => Test::Before(when(value)?),
        "after" => Test::After(when(value)?),
        "number" => Test::Number(number(value.trim_start_matches('#'))?),
        "has" => match value.to_ascii_lowercase().as_str() {
            "attachment" | "attachments" => Test::HasAttachment,
            _ => return None,
        },
        "is" => return is(&value.to_ascii_lowercase()),
        _ => return None,
    }))
}

fn is(value: &str) -> Option<Read> {
    Some(match value {
        "unread" => Read::Test(Test::Unread),
        "read" => Read::Not(Test::Unread),
        "spam" => Read::Test(Test::Spam),
        "unassigned" => Read::Test(Test::Assignee(Who::Nobody)),
        "assigned" => Read::Not(Test::Assignee(Who::Nobody)),
        _ => Read::Test(Test::Status(value.parse::<Status>().ok()?)),
    })
}

fn when(value: &str) -> Option<When> {
    match value.to_ascii_lowercase().as_str() {
        "today" => Some(When::Today),
        "yesterday" => Some(When::Yesterday),
        _ => Day::parse(value).ok().map(When::Day),
    }
}

/// Numbers as people write them: no sign, no leading zero.
fn number(text: &str) -> Option<i64> {
    let is_one =
        !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit()) && !text.starts_with('0');
    if is_one { text.parse().ok() } else { None }
}

/// What stands between the quote that `text` begins with and the next one, and what follows it.
fn quoted(text: &str) -> (&str, &str) {
    let inside = text.get(1..).unwrap_or_default();
    inside.split_once('"').unwrap_or((inside, ""))
}

/// Up to white space or a quote, and the rest.
fn plain(text: &str) -> (&str, &str) {
    let end = text.find(|it: char| it.is_whitespace() || it == '"').unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain_words(search: &Search) -> Vec<String> {
        search.words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn operators_are_read_and_the_rest_are_words() {
        let day = |it| When::Day(Day::parse(it).unwrap());
        let cases = [
            ("from:zoe@x.example", Test::From("zoe@x.example".into())),
            ("FROM:\"Zoe Quill\"", Test::From("Zoe Quill".into())),
            ("to:desk@x.example", Test::To("desk@x.example".into())),
            ("tag:\"late order\"", Test::Tag("late order".into())),
            ("status:Open", Test::Status(Status::Open)),
            ("is:snoozed", Test::Status(Status::Snoozed)),
            ("channel:email", Test::Channel("email".into())),
            ("assignee:me", Test::Assignee(Who::Me)),
            ("is:unassigned", Test::Assignee(Who::Nobody)),
            ("assignee:Ann", Test::Assignee(Who::Named("Ann".into()))),
            ("before:2026-01-31", Test::Before(day("2026-01-31"))),
            ("after:yesterday", Test::After(When::Yesterday)),
            ("has:attachment", Test::HasAttachment),
            ("is:unread", Test::Unread),
            ("is:spam", Test::Spam),
            ("number:1042", Test::Number(1042)),
            ("#1042", Test::Number(1042)),
        ];
        for (text, test) in cases {
            let got = search(text).unwrap();
            assert_eq!(got.conditions, [Condition { test, negated: false }], "{text}");
            assert!(got.words.is_empty(), "{text}");
        }
    }

    #[test]
    fn words_phrases_and_operators_stand_in_any_order() {
        let got = search(r#"late "my order" -tag:vip ord* status:open"#).unwrap();
        assert_eq!(plain_words(&got), ["late", "\"my order\"", "ord*"]);
        assert_eq!(got.to_string(), r#"-tag:vip status:open late "my order" ord*"#);
        let read = search("is:read").unwrap();
        assert_eq!(read.conditions, [Condition { test: Test::Unread, negated: true }]);
    }

    #[test]
    fn what_is_no_operator_is_a_word() {
        let odd = [
            "tag:",
            "tag:\"\"",
            "status:done",
            "before:soon",
            "before:2026-02-30",
            "number:0",
            "number:x",
            "number:99999999999999999999",
            "#",
            "#12a",
            "http://x.example",
            "subject:x",
            "is:",
            "has:charm",
            ":",
            "-",
            "--tag",
            "-word",
            "::tag:",
            "12:30",
            "é:x",
        ];
        for text in odd {
            let got = search(text).unwrap();
            assert!(got.conditions.is_empty(), "{text}: {got:?}");
            assert!(!got.words.is_empty(), "{text}");
        }
        assert!(search("  \"\" \" ").unwrap().is_empty());
    }

    #[test]
    fn a_minus_that_cannot_be_is_told() {
        for text in ["-from:x", "-to:x", "-#5", "-number:5", "-is:spam"] {
            assert!(search(text).is_err(), "{text}");
        }
        for text in ["-tag:x", "-is:read", "-before:2026-01-31", "-has:attachment", "-channel:x"] {
            assert!(search(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn more_operators_than_anyone_types_are_words() {
        let got = search(&"tag:a ".repeat(25)).unwrap();
        assert_eq!((got.conditions.len(), got.words.len()), (20, 5));
    }

    proptest! {
        #[test]
        fn a_search_is_typed_and_read_back(
            text in prop_oneof![
                ".{0,60}",
                "[\"*:#-]{0,4}(tag|status|is|from|before|number|has)?[:\" a-z0-9#-]{0,30}",
                "(( |-|\")?(tag:a|status:open|is:unread|#7|before:2026-01-31|to:\"b c\"|d)){0,9}",
            ],
        ) {
            let Ok(search) = search(&text) else { return Ok(()) };
            let again = Search::parse(&search.to_string());
            prop_assert_eq!(again, Ok(search));
        }
    }
}
