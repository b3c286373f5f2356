//! A few sentences of a text that say the most of it (extractive summary).

use super::ranking::words;

const MOST_SENTENCES: usize = 2;
/// Characters.
const LONGEST: usize = 300;

/// The sentences with most of the words, in their order; none when no sentence has any.
pub fn summary(text: &str, keywords: &[String]) -> Option<String> {
    let mut said: Vec<(usize, usize, &str)> = sentences(text)
        .enumerate()
        .map(|(place, it)| {
            let found = words(it);
            let hits = keywords.iter().filter(|it| found.contains(it)).count();
            (hits, place, it)
        })
        .filter(|(hits, ..)| *hits > 0)
        .collect();
    said.sort_by_key(|(hits, place, _)| (std::cmp::Reverse(*hits), *place));
    said.truncate(MOST_SENTENCES);
    said.sort_by_key(|(_, place, _)| *place);
    let texts: Vec<&str> = said.into_iter().map(|(.., it)| it).collect();
    let summary = crate::text::line_lossy(&texts.join(" "), LONGEST);
    (!summary.is_empty()).then_some(summary)
}

/// Ends at a line's end, or at a mark before a space.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines();
    let parts = lines.flat_map(|line| {
        let mut rest = line;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let end = rest
                .char_indices()
                .zip(rest.chars().skip(1).map(Some).chain([None]))
                .find(|((_, it), next)| {
                    let is_end = matches!(it, '.' | '!' | '?' | '。' | '！' | '？');
                    is_end && next.is_none_or(char::is_whitespace)
                })
                .map_or(rest.len(), |((at, it), _)| at + it.len_utf8());
            let (sentence, after) = rest.split_at(end);
            rest = after;
            Some(sentence.trim())
        })
    });
    parts.filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_sentences_that_say_the_most_stand_in_their_order() {
        let text = "Hello there! I ordered a lamp. It arrived broken, version 2.0 of it.\nThe lamp \
            and its broken shade need a refund. Best, Cora";
        let keywords = ["broken", "refund", "lamp"].map(str::to_owned);
        let got = summary(text, &keywords).unwrap();
        assert_eq!(got, "I ordered a lamp. The lamp and its broken shade need a refund.");
        assert_eq!(summary("Hello!", &keywords), None);
    }

    proptest! {
        #[test]
        fn it_is_short_whatever_the_text(text in ".{0,400}", word in "[a-z]{1,5}") {
            let found = summary(&text, &[word]).unwrap_or_default();
            prop_assert!(found.chars().count() <= LONGEST);
        }
    }
}
