//! BM25 (Robertson and Zaragoza, 2009) over a handful of candidates.
//!
//! The candidates are the newest that share a word with the question, so a word's rarity is not
//! counted over all there is but told by whoever fetched them.

use std::collections::{HashMap, HashSet};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::searches::snippets::is_written_without_spaces;

/// How fast more of the same word stops to count, and how much length does.
const K1: f64 = 1.2;
const B: f64 = 0.75;
/// Shorter words say little, except where a letter is a word.
const SHORTEST: usize = 3;
const LONGEST: usize = 40;
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
    ke mohon oleh pada saya sudah telah terima tidak tolong untuk yang \
    你好 您好 谢谢 謝謝 请问 請問 我想 我的 我们 可以 怎么 怎麼 什么 什麼 一下 如何 没有 沒有";

/// A word of the question with how rare it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    pub word: String,
    /// Inverse document frequency.
    pub weight: f64,
}

/// Letters and digits in lower case without accents, in order. What is written without spaces comes
/// as pairs of characters that overlap: no dictionary is needed, and the search index finds each.
pub fn words(text: &str) -> Vec<String> {
    // The voicing marks of kana are no accents: with them it is another syllable.
    let is_accent = |it: char| is_combining_mark(it) && !matches!(it, '\u{3099}' | '\u{309a}');
    let folded: String = text.nfd().filter(|it| !is_accent(*it)).nfc().collect();
    let folded = folded.to_lowercase();
    let mut found = Vec::new();
    for part in folded.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()) {
        let all: Vec<char> = part.chars().collect();
        for run in
            all.chunk_by(|a, b| is_written_without_spaces(*a) == is_written_without_spaces(*b))
        {
            if run.len() > 1 && run.first().is_some_and(|it| is_written_without_spaces(*it)) {
                found.extend(run.windows(2).map(|it| it.iter().collect::<String>()));
            } else {
                found.push(run.iter().collect());
            }
        }
    }
    found
}

/// The words a text is about: each once, without those everybody writes, the longest first because
/// they say the most.
pub fn keywords(text: &str, most: usize) -> Vec<String> {
    let common: HashSet<String> = COMMON.split_whitespace().flat_map(words).collect();
    let mut seen = HashSet::new();
    let (pairs, mut spelled): (Vec<String>, Vec<String>) = words(text)
        .into_iter()
        .filter(|it| !common.contains(it) && !it.chars().all(|it| it.is_ascii_digit()))
        .filter(|it| seen.insert(it.clone()))
        .partition(|it| it.chars().all(is_written_without_spaces));
    spelled.retain(|it| (shortest(it)..=LONGEST).contains(&it.chars().count()));
    spelled.sort_by_key(|it| std::cmp::Reverse(it.chars().count()));
    // Pairs are all equally long: those that carry meaning, spread over the text.
    let pairs: Vec<String> = pairs
        .into_iter()
        .filter(|it| it.chars().count() == 2 && !it.chars().all(is_kana))
        .collect();
    let room = most.saturating_sub(spelled.len()).max(most / 2).min(pairs.len());
    spelled.truncate(most - room);
    spelled.extend((0..room).filter_map(|it| pairs.get(it * pairs.len() / room).cloned()));
    spelled
}

/// A syllable of hangul says what two or three letters do.
fn shortest(word: &str) -> usize {
    if word.starts_with(|it| matches!(it, '\u{ac00}'..='\u{d7a3}')) { 2 } else { SHORTEST }
}

/// Particles and endings are written in it.
fn is_kana(it: char) -> bool {
    matches!(it, '\u{3040}'..='\u{309f}')
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
    fn what_has_no_spaces_is_asked_for_by_pairs() {
        assert_eq!(words("退款政策"), ["退款", "款政", "政策"]);
        assert_eq!(words("がん iPhone15を"), ["がん", "iphone15", "を"]);
        assert_eq!(words("환불 요청"), ["환불", "요청"], "hangul stays composed");
        assert_eq!(keywords("您好，请问退款", 8), ["问退", "退款"]);
        let mixed = keywords("Invoice portal login 领取发票失败了怎么办", 4);
        assert_eq!(mixed[..2], ["invoice", "portal"]);
        assert_eq!(mixed.len(), 4);
        let long = keywords("一二三四五六七八九十甲乙丙丁", 4);
        assert_eq!(long, ["一二", "四五", "七八", "十甲"]);
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
