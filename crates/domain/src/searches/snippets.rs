//! Where a search's words stand in a text: marked extracts, and how much a text is about them.
//!
//! The engine that finds texts folds case and accents and compares whole words; so does this.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::Word;

/// Characters of an extract, about three lines of a list.
const LENGTH: usize = 180;
/// Characters shown before the first marked word.
const LEAD: usize = 50;
/// Bytes of a text that are looked at.
const LOOKED_AT: usize = 100_000;
/// A shorter beginning of a word is taken for a whole word.
pub const MIN_PREFIX_CHARS: usize = 3;

/// A part of an extract; parts follow each other without anything between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub text: String,
    pub marked: bool,
}

/// What is looked for, each as the words that must stand together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms(Vec<Term>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    words: Vec<String>,
    /// The last word may go on.
    prefix: bool,
}

struct Token {
    folded: String,
    /// Bytes of the text.
    range: Range<usize>,
}

struct Hit {
    term: usize,
    range: Range<usize>,
}

impl Terms {
    pub fn of(words: &[Word]) -> Self {
        let term = |it: &Word| {
            let (text, prefix) = match it {
                Word::Phrase(it) => (it.as_str(), false),
                Word::Plain(it) => {
                    let stem = it.trim_end_matches('*');
                    let long = stem.chars().count() >= MIN_PREFIX_CHARS;
                    (stem, long && stem.len() < it.len())
                }
            };
            let words: Vec<String> = tokens(text).into_iter().map(|it| it.folded).collect();
            (!words.is_empty()).then_some(Term { words, prefix })
        };
        Self(words.iter().filter_map(term).collect())
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all of them stand in `text`.
    pub fn stand_in(&self, text: &str) -> bool {
        let tokens = tokens(text);
        self.0.iter().all(|it| (0..tokens.len()).any(|at| it.at(&tokens[at..]).is_some()))
    }

    /// An extract of `text` with the words marked, on one line; none where none of them stands.
    pub fn extract(&self, text: &str) -> Option<Vec<Part>> {
        let text = head(text);
        let hits = self.hits(&tokens(text));
        let first = best(&hits, text)?;
        let start = back(text, hits[first].range.start, LEAD);
        let end = forth(text, start, LENGTH).max(hits[first].range.end);
        let mut parts = Vec::new();
        let mut at = start;
        if start > 0 {
            push(&mut parts, "…", false);
        }
        for hit in &hits[first..] {
            if hit.range.end > end {
                break;
            }
            // Terms may overlap: what is marked stays marked.
            if hit.range.start >= at {
                push(&mut parts, &text[at..hit.range.start], false);
                push(&mut parts, &text[hit.range.clone()], true);
                at = hit.range.end;
            }
        }
        push(&mut parts, &text[at..end], false);
        if end < text.len() {
            push(&mut parts, "…", false);
        }
        Some(parts)
    }

    /// How much a text is about the words: often in a short text is more than once in a long one.
    /// Without the rarity of words (BM25 has it): a search finds only what has all of them.
    pub fn weight(&self, text: &str) -> f64 {
        const SATURATION: f64 = 1.2;
        const USUAL_WORDS: f64 = 80.0;
        let tokens = tokens(head(text));
        let hits = self.hits(&tokens);
        let length = 0.25 + 0.75 * tokens.len() as f64 / USUAL_WORDS;
        let weigh = |term| {
            let times = hits.iter().filter(|it| it.term == term).count() as f64;
            times * (SATURATION + 1.0) / (times + SATURATION * length)
        };
        (0..self.0.len()).map(weigh).sum()
    }

    /// In the order of their places.
    fn hits(&self, tokens: &[Token]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for at in 0..tokens.len() {
            for (term, it) in self.0.iter().enumerate() {
                if let Some(found) = it.at(&tokens[at..]) {
                    let range = tokens[at].range.start..found.range.end;
                    hits.push(Hit { term, range });
                }
            }
        }
        hits
    }
}

impl Term {
    /// The last token of the term, where `tokens` begin with it.
    fn at<'a>(&self, tokens: &'a [Token]) -> Option<&'a Token> {
        let (last, before) = self.words.split_last()?;
        let end = tokens.get(before.len())?;
        let same = before.iter().zip(tokens).all(|(want, it)| *want == it.folded);
        let ends = match self.prefix {
            true => end.folded.starts_with(last.as_str()),
            false => end.folded == *last,
        };
        (same && ends).then_some(end)
    }
}

/// The hit to begin with: the one that most different terms follow within an extract.
fn best(hits: &[Hit], text: &str) -> Option<usize> {
    let mut found: Option<(usize, usize)> = None;
    // Beyond so many the first ones are as good.
    for (index, hit) in hits.iter().enumerate().take(100) {
        let end = forth(text, hit.range.start, LENGTH - LEAD);
        let near = hits[index..].iter().take_while(|it| it.range.end <= end);
        let mut terms: Vec<usize> = near.map(|it| it.term).collect();
        terms.sort_unstable();
        terms.dedup();
        if found.is_none_or(|(most, _)| terms.len() > most) {
            found = Some((terms.len(), index));
        }
    }
    found.map(|(_, index)| index)
}

fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(LOOKED_AT)]
}

/// At most `chars` before a place, at the beginning of a word if there is one.
fn back(text: &str, place: usize, chars: usize) -> usize {
    let before = &text[..place];
    let Some((start, _)) = before.char_indices().rev().nth(chars) else { return 0 };
    let space = before[start..].char_indices().find(|(_, it)| it.is_whitespace());
    space.map_or(start, |(at, it)| start + at + it.len_utf8())
}

/// At most `chars` after a place, at the end of a word if there is one.
fn forth(text: &str, place: usize, chars: usize) -> usize {
    let after = &text[place..];
    let Some((end, _)) = after.char_indices().nth(chars) else { return text.len() };
    place + after[..end].rfind(char::is_whitespace).filter(|it| *it > 0).unwrap_or(end)
}

/// Adds text on one line.
fn push(parts: &mut Vec<Part>, text: &str, marked: bool) {
    let mut line = String::with_capacity(text.len());
    let mut ends_in_space = parts.last().is_none_or(|it| it.text.ends_with(' '));
    for it in text.chars() {
        let is_space = it.is_whitespace() || it.is_control();
        if !is_space {
            line.push(it);
        } else if !ends_in_space {
            line.push(' ');
        }
        ends_in_space = is_space;
    }
    match parts.last_mut() {
        _ if line.is_empty() => {}
        Some(last) if last.marked == marked => last.text.push_str(&line),
        _ => parts.push(Part { text: line, marked }),
    }
}

/// The words of a text. Of a script written without spaces each character is one.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut open = false;
    for (at, it) in text.char_indices() {
        let end = at + it.len_utf8();
        let alone = is_written_without_spaces(it);
        if alone || !(it.is_alphanumeric() || (open && is_combining_mark(it))) {
            if alone {
                tokens.push(Token { folded: it.to_string(), range: at..end });
            }
            open = false;
            continue;
        }
        if !open {
            tokens.push(Token { folded: String::new(), range: at..end });
            open = true;
        }
        if let Some(last) = tokens.last_mut() {
            fold(it, &mut last.folded);
            last.range.end = end;
        }
    }
    tokens
}

/// Lower case, without accents.
fn fold(it: char, out: &mut String) {
    if it.is_ascii() {
        out.push(it.to_ascii_lowercase());
        return;
    }
    let plain = it.nfd().filter(|it| !is_combining_mark(*it));
    out.extend(plain.flat_map(char::to_lowercase));
}

/// Han, kana, Thai, Lao, Myanmar and Khmer, by Unicode block.
pub fn is_written_without_spaces(it: char) -> bool {
    matches!(it,
        '\u{0E00}'..='\u{0EFF}'
        | '\u{1000}'..='\u{109F}'
        | '\u{1780}'..='\u{17FF}'
        | '\u{3040}'..='\u{30FF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::Search, *};

    fn terms(text: &str) -> Terms {
        Terms::of(&Search::parse(text).unwrap().words)
    }

    /// With the marks as brackets.
    fn shown(search: &str, text: &str) -> Option<String> {
        let parts = terms(search).extract(text)?;
        let shown = parts.iter().map(|it| match it.marked {
            true => format!("[{}]", it.text),
            false => it.text.clone(),
        });
        Some(shown.collect())
    }

    #[test]
    fn words_are_marked_as_they_stand() {
        let text = "The Réfrigérateur hums\n\n loudly at night.";
        let cases = [
            ("HUMS night", Some("The Réfrigérateur [hums] loudly at [night].")),
            ("refrigerateur", Some("The [Réfrigérateur] hums loudly at night.")),
            ("refrig*", Some("The [Réfrigérateur] hums loudly at night.")),
            ("\"hums loudly\"", Some("The Réfrigérateur [hums loudly] at night.")),
            ("\"loudly hums\"", None),
            ("hum", None),
            ("night* at", Some("The Réfrigérateur hums loudly [at] [night].")),
        ];
        for (search, want) in cases {
            assert_eq!(shown(search, text).as_deref(), want, "{search}");
        }
        assert_eq!(shown("订单", "我的订单在哪里").as_deref(), Some("我的[订单]在哪里"));
        assert_eq!(
            shown("zoe@x.example", "to zoe@x.example!").as_deref(),
            Some("to [zoe@x.example]!")
        );
    }

    #[test]
    fn all_of_them_must_stand_there() {
        let text = "The Réfrigérateur hums";
        for (search, want) in [("refrig* HUM*", true), ("hum", false), ("hums sings*", false)] {
            assert_eq!(terms(search).stand_in(text), want, "{search}");
        }
    }

    #[test]
    fn an_extract_is_taken_where_the_words_are() {
        let filler = "lorem ipsum dolor sit amet ".repeat(40);
        let text = format!("order {filler} late order {filler}");
        let got = shown("late order", &text).unwrap();
        assert!(got.starts_with('…') && got.ends_with('…'), "{got}");
        assert!(got.contains("[late] [order]"), "{got}");
        assert!(got.chars().count() < 200, "{got}");
    }

    #[test]
    fn more_often_and_shorter_is_more_about_it() {
        let it = terms("order");
        let often = it.weight("order order now");
        let once = it.weight("an order");
        let long = it.weight(&format!("an order {}", "and so on ".repeat(200)));
        assert!(often > once && once > long && long > 0.0);
        assert!(it.weight("nothing") == 0.0);
    }

    proptest! {
        #[test]
        fn any_text_can_be_marked(search in ".{0,20}|[a-c*\" ]{0,8}", text in ".{0,60}|[a-c ]{0,400}") {
            if let Ok(search) = Search::parse(&search)
                && let Some(parts) = Terms::of(&search.words).extract(&text)
            {
                prop_assert!(parts.iter().any(|it| it.marked));
                prop_assert!(parts.iter().all(|it| !it.text.is_empty()));
            }
        }
    }
}
