//! What a person typed into the search field, as an FTS5 expression that can never be in error.

use domain::searches::{Word, snippets::MIN_PREFIX_CHARS};

use super::index::segmented;

/// More than anyone types on purpose; the rest is left out.
const MAX_TERMS: usize = 16;
const MAX_TERM_CHARS: usize = 64;

/// Words, `"phrases"` and `prefixes*`, all of which must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    expression: String,
    phone_digits: Option<String>,
}

impl Query {
    /// None when there is nothing to look for: such a search finds nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let terms: Vec<String> = terms(text).into_iter().take(MAX_TERMS).collect();
        if terms.is_empty() {
            return None;
        }
        Some(Self { expression: terms.join(" AND "), phone_digits: phone_digits(text) })
    }

    /// The words of a search whose operators were taken out.
    pub fn of(words: &[Word]) -> Option<Self> {
        let text: Vec<String> = words.iter().map(ToString::to_string).collect();
        Self::parse(&text.join(" "))
    }

    /// For the message and conversation tables.
    pub(crate) fn expression(&self) -> &str {
        &self.expression
    }

    /// For the contact table: a number written with spaces is looked up by its digits.
    pub(crate) fn contact_expression(&self) -> String {
        match &self.phone_digits {
            Some(digits) => format!("({}) OR phones : \"{digits}\"", self.expression),
            None => self.expression.clone(),
        }
    }
}

fn terms(text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    for (index, part) in text.split('"').enumerate() {
        if index % 2 == 1 {
            terms.extend(quoted(part));
        } else {
            terms.extend(part.split_whitespace().filter_map(word));
        }
    }
    terms
}

fn word(word: &str) -> Option<String> {
    let stem = word.trim_end_matches('*');
    let is_prefix = stem.len() < word.len() && stem.chars().count() >= MIN_PREFIX_CHARS;
    let quoted = quoted(stem)?;
    Some(if is_prefix { format!("{quoted} *") } else { quoted })
}

/// An FTS5 string: inside it nothing but the quote itself has a meaning.
fn quoted(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|it| !it.is_control()).take(MAX_TERM_CHARS).collect();
    // The tokenizer keeps letters, digits and private-use characters; a string without any would
    // be an empty phrase.
    if !text.chars().any(char::is_alphanumeric) {
        return None;
    }
    Some(format!("\"{}\"", segmented(&text).replace('"', "\"\"").trim()))
}

/// The digits of a text that is a phone number and nothing else, without a national leading zero.
fn phone_digits(text: &str) -> Option<String> {
    if !text.chars().all(|it| it.is_ascii_digit() || " +-().".contains(it)) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    (6..=15).contains(&digits.len()).then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_phrases_and_prefixes_become_quoted_terms() {
        let cases = [
            ("late order", Some(r#""late" AND "order""#)),
            (r#"  "late order"  x"#, Some(r#""late order" AND "x""#)),
            ("ord*", Some(r#""ord" *"#)),
            ("or*", Some(r#""or""#)),
            ("NEAR(a b)", Some(r#""NEAR(a" AND "b)""#)),
            ("subject:x", Some(r#""subject:x""#)),
            ("東京", Some(r#""東  京""#)),
            ("", None),
            ("  * \" - ", None),
        ];
        for (text, want) in cases {
            let got = Query::parse(text).map(|it| it.expression);
            assert_eq!(got.as_deref(), want, "{text}");
        }
    }

    #[test]
    fn a_phone_number_is_looked_up_by_its_digits() {
        let digits = |text| Query::parse(text).and_then(|it| it.phone_digits);
        assert_eq!(digits("+62 812-3456-7890").as_deref(), Some("6281234567890"));
        assert_eq!(digits("0812 3456 7890").as_deref(), Some("81234567890"));
        assert_eq!(digits("order 12345678"), None);
    }

    proptest! {
        #[test]
        fn no_text_is_an_error_for_the_engine(text in ".{0,60}|[\"*:^(){}+ aNEARORT-]{0,30}") {
            let db = rusqlite::Connection::open_in_memory().unwrap();
            db.execute_batch(
                "CREATE VIRTUAL TABLE t USING fts5 (names, phones, content = '',
                 tokenize = 'unicode61 remove_diacritics 2')",
            ).unwrap();
            if let Some(query) = Query::parse(&text) {
                for expression in [query.expression().to_owned(), query.contact_expression()] {
                    let sql = "SELECT rowid FROM t WHERE t MATCH ?1";
                    let mut stmt = db.prepare_cached(sql).unwrap();
                    let found = stmt.query([&expression]).and_then(|mut it| it.next().map(|_| ()));
                    prop_assert!(found.is_ok(), "{expression}: {found:?}");
                }
            }
        }
    }
}
