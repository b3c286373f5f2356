//! BM25 (Robertson and Zaragoza, 2009) over a handful of candidates.
//!
//! The candidates are the newest that share a word with the question, so a word's rarity is not
//! counted over all there is but told by whoever fetched them.

use std::collections::{HashMap, HashSet};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// How fast more of the same word stops to count, and how much length does.
const K1: f64 = 1.2;
const B: f64 = 0.75;
/// Shorter words say little, except where a letter is a word.
const SHORTEST: usize = 3;
/// Words everybody writes in the languages our customers' mail is mostly in.
const COMMON: &str = "\
    about after all also and any are because been but can could did does for from get got had has \
    have hello her here him his how into its just like let may more much need not now off one only \
    other our out over per please she should since some still such than thank thanks that the their \
    them then there these they this those too use very want was way well were what when where which \
    while who why will with would yes yet you your \
    aber alle als auch auf aus bei bin bis bitte danke das dass dem den der des die doch ein eine \
    einen einer eines für guten habe haben hallo hat ich ihr ihre ihren ist kann können mein meine \
    mich mir mit nach nicht noch nur oder sehr sich sie sind tag und uns von vor war was wenn wie \
    wird wir wurde zum zur \
    ada agar akan anda apa atau bagaimana bisa dan dari dengan ini itu jika juga kami karena kasih \
    ke mohon oleh pada saya sudah telah terima tidak tolong untuk yang";

/// A word of the question with how rare it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    pub word: String,
    /// Inverse document frequency.
    pub weight: f64,
}

/// Letters and digits in lower case without accents, in order.
pub fn words(text: &str) -> Vec<String> {
    let folded: String = text.nfd().filter(|it| !is_combining_mark(*it)).collect();
    folded
        .to_lowercase()
        .split(|it: char| !it.is_alphanumeric())
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The words a text is about: each once, without those everybody writes, the longest first because
/// they say the most.
pub fn keywords(text: &str, most: usize) -> Vec<String> {
    let common: HashSet<String> = COMMON.split_whitespace().flat_map(words).collect();
    let mut seen = HashSet::new();
    let mut found: Vec<String> = words(text)
        .into_iter()
        .filter(|it| it.chars().count() >= SHORTEST && it.chars().count() <= 40)
        .filter(|it| !common.contains(it) && !it.chars().all(|it| it.is_ascii_digit()))
        .filter(|it| seen.insert(it.clone()))
        .collect();
    found.sort_by_key(|it| std::cmp::Reverse(it.chars().count()));
    found.truncate(most);
    found
}

/// The weight of a word found in the given share (0 to 1) of all texts. Where there are few texts,
/// also a word that all of them have counts.
pub fn weight(share: f64) -> f64 {
    let share = share.clamp(1e-9, 1.0);
    (1.0 + 1.0 / share).ln()
}

/// How well each text answers to the terms: its score, and the share (0 to 1) of the question's
/// weight it speaks of. Words that none of them has, such as misspelt ones, ask for nothing.
pub fn rank(terms: &[Term], texts: &[&str]) -> Vec<(f64, f64)> {
    let counted: Vec<(HashMap<String, u32>, usize)> = texts.iter().map(|it| count(it)).collect();
    let total: usize = counted.iter().map(|(_, length)| length).sum();
    let average = (total as f64 / counted.len().max(1) as f64).max(1.0);
    let known = |it: &&Term| counted.iter().any(|(counts, _)| counts.contains_key(&it.word));
    let all: f64 = terms.iter().filter(known).map(|it| it.weight).sum();
    let score = |(counts, length): &(HashMap<String, u32>, usize)| {
        let length = 1.0 - B + B * *length as f64 / average;
        let (mut score, mut covered) = (0.0, 0.0);
        for term in terms {
            let Some(n) = counts.get(&term.word).copied().map(f64::from) else { continue };
            score += term.weight * n * (K1 + 1.0) / (n + K1 * length);
            covered += term.weight;
        }
        (score, if all > 0.0 { covered / all } else { 0.0 })
    };
    counted.iter().map(score).collect()
}

fn count(text: &str) -> (HashMap<String, u32>, usize) {
    let words = words(text);
    let length = words.len();
    let mut counts = HashMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    (counts, length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_question_is_its_rarest_words() {
        let got = keywords("Hello, how can I reset my Passwört for the invoices portal?", 3);
        assert_eq!(got, ["passwort", "invoices", "portal"]);
        assert!(keywords("the and of 12345", 5).is_empty());
    }

    #[test]
    fn the_text_that_speaks_of_more_and_rarer_words_comes_first() {
        let terms = [
            Term { word: "refund".to_owned(), weight: 5.0 },
            Term { word: "order".to_owned(), weight: 1.0 },
        ];
        let texts = ["your order is on its way", "A refund for the order takes a day", "hello"];
        let ranked = rank(&terms, &texts);
        assert!(ranked[1].0 > ranked[0].0 && ranked[0].0 > ranked[2].0, "{ranked:?}");
        assert_eq!(ranked[1].1, 1.0);
        assert!((ranked[0].1 - 1.0 / 6.0).abs() < 1e-9);
        assert_eq!(ranked[2], (0.0, 0.0));
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(question in ".{0,80}", text in ".{0,200}") {
            let terms: Vec<Term> = keywords(&question, 8)
                .into_iter()
                .map(|word| Term { word, weight: 1.0 })
                .collect();
            for (score, fit) in rank(&terms, &[&text]) {
                prop_assert!(score.is_finite() && (0.0..=1.0).contains(&fit));
            }
        }
    }
}
