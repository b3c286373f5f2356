//! What a person typed into the search field, as an FTS5 expression that can never be in error.
//!
//! For a prefix FTS5 merges the lists of all words that begin so before it gives the first row, as
//! large as they are. So whoever asks for one sets a limit of time, and looks for it in the texts
//! themselves when the limit is passed: what so many texts hold is soon found in the newest.

use domain::searches::{
    Word,
    snippets::{MIN_PREFIX_CHARS, Terms},
};

use super::index::segmented;

/// More than anyone types on purpose; the rest is left out.
const MAX_TERMS: usize = 16;
const MAX_TERM_CHARS: usize = 64;

/// Words, `"phrases"` and `prefixes*`, all of which must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    expression: String,
    /// With each prefix taken for a whole word.
    exact: String,
    /// Without the prefixes; none if nothing else is asked for.
    words: Option<String>,
    prefixes: Terms,
    phone_digits: Option<String>,
}

/// One of the things that must match.
struct Term {
    quoted: String,
    prefix: Option<Word>,
}

impl Query {
    /// None when there is nothing to look for: such a search finds nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let terms: Vec<Term> = terms(text).into_iter().take(MAX_TERMS).collect();
        let all = |parts: Vec<String>| (!parts.is_empty()).then(|| parts.join(" AND "));
        let expression = |it: &Term| match it.prefix {
            Some(_) => format!("{} *", it.quoted),
            None => it.quoted.clone(),
        };
        let words = terms.iter().filter(|it| it.prefix.is_none());
        let prefixes: Vec<Word> = terms.iter().filter_map(|it| it.prefix.clone()).collect();
        Some(Self {
            expression: all(terms.iter().map(expression).collect())?,
            exact: all(terms.iter().map(|it| it.quoted.clone()).collect())?,
            words: all(words.map(|it| it.quoted.clone()).collect()),
            prefixes: Terms::of(&prefixes),
            phone_digits: phone_digits(text),
        })
    }

    /// As a field that searches while one types hands it over: its last word may be the beginning
    /// of one.
    pub fn begun(text: &str) -> Option<Self> {
        let is_open =
            text.ends_with(char::is_alphanumeric) && text.matches('"').count().is_multiple_of(2);
        if !is_open {
            return Self::parse(text);
        }
        let query = Self::parse(&format!("{text}*"))?;
        Some(Self { phone_digits: phone_digits(text), ..query })
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

    /// [`Self::expression`] without its prefixes.
    pub(crate) fn words(&self) -> Option<&str> {
        self.words.as_deref()
    }

    pub(crate) fn has_prefixes(&self) -> bool {
        !self.prefixes.is_empty()
    }

    /// Whether what [`Self::words`] leaves out stands in a text.
    pub(crate) fn prefixes_stand_in(&self, text: &str) -> bool {
        self.prefixes.stand_in(text)
    }

    /// For the contact table: a number written with spaces is looked up by its digits.
    pub(crate) fn contact_expression(&self) -> String {
        self.or_phone(&self.expression)
    }

    /// The same with each prefix taken for a whole word: one that too many contacts share says
    /// nothing about whom.
    pub(crate) fn exact_contact_expression(&self) -> String {
        self.or_phone(&self.exact)
    }

    fn or_phone(&self, expression: &str) -> String {
        match &self.phone_digits {
            Some(digits) => format!("({expression}) OR phones : \"{digits}\""),
            None => expression.to_owned(),
        }
    }
}

fn terms(text: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    for (index, part) in text.split('"').enumerate() {
        if index % 2 == 1 {
            terms.extend(quoted(part).map(|quoted| Term { quoted, prefix: None }));
        } else {
            terms.extend(part.split_whitespace().filter_map(word));
        }
    }
    terms
}

fn word(word: &str) -> Option<Term> {
    let stem = word.trim_end_matches('*');
    let is_prefix = stem.len() < word.len() && stem.chars().count() >= MIN_PREFIX_CHARS;
    let start: String = stem.chars().take(MAX_TERM_CHARS).collect();
    let prefix = is_prefix.then(|| Word::Plain(format!("{start}*")));
    Some(Term { quoted: quoted(stem)?, prefix })
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
    fn the_last_word_of_what_is_being_typed_may_go_on() {
        let cases = [
            ("cle", r#""cle" *"#),
            ("ann cle", r#""ann" AND "cle" *"#),
            ("cl", r#""cl""#),
            ("cle ", r#""cle""#),
            ("cle*", r#""cle" *"#),
            (r#""ann cle""#, r#""ann cle""#),
            (r#""ann cle"#, r#""ann cle""#),
            ("ann@shop.ex", r#""ann@shop.ex" *"#),
        ];
        for (text, want) in cases {
            assert_eq!(Query::begun(text).unwrap().expression, want, "{text}");
        }
        let phone = Query::begun("0812 3456").unwrap();
        assert_eq!(phone.phone_digits.as_deref(), Some("8123456"));
        assert!(Query::begun("\"").is_none());
    }

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
    fn prefixes_are_told_from_the_words_beside_them() {
        let it = Query::parse("Late ord* \"x y\"").unwrap();
        assert_eq!(it.words(), Some(r#""Late" AND "x y""#));
        assert_eq!(it.exact_contact_expression(), r#""Late" AND "ord" AND "x y""#);
        assert!(
            it.has_prefixes() && it.prefixes_stand_in("an Órder") && !it.prefixes_stand_in("or")
        );
        let alone = Query::parse("ord*").unwrap();
        assert_eq!((alone.words(), alone.has_prefixes()), (None, true));
        assert!(!Query::parse("or*").unwrap().has_prefixes());
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
                let words = query.words().unwrap_or("x").to_owned();
                let exact = query.exact_contact_expression();
                let all = [query.expression().to_owned(), query.contact_expression(), words, exact];
                for expression in all {
                    let sql = "SELECT rowid FROM t WHERE t MATCH ?1";
                    let mut stmt = db.prepare_cached(sql).unwrap();
                    let found = stmt.query([&expression]).and_then(|mut it| it.next().map(|_| ()));
                    prop_assert!(found.is_ok(), "{expression}: {found:?}");
                }
            }
        }
    }
}
