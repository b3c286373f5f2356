//! What is new in an answer: the history below and the signature are split off and kept.
//!
//! One pass over the lines; each look ahead is bounded, so any 5 MB body takes linear time.

use super::{marker, quote_words as words};

/// Lines under a separator that still count as a signature.
const MAX_SIGNATURE: usize = 25;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    /// Never blank where the mail had text.
    pub text: String,
    /// The history: what this mail answers.
    pub quoted: Option<String>,
    pub signature: Option<String>,
}

pub fn split(text: &str) -> Split {
    let lines: Vec<&str> = text.lines().collect();
    let (mut new, quoted) = match history(&lines) {
        Some(found) => found.apart(&lines),
        None => (lines.clone(), Vec::new()),
    };
    new.retain(|it| !is_marker(it));
    let signature = split_signature(&mut new);
    let text_new = joined(&new);
    if text_new.is_empty() {
        return Split { text: marker::hide(text).trim().to_owned(), quoted: None, signature: None };
    }
    let some = |lines: &[&str]| Some(joined(lines)).filter(|it| !it.is_empty());
    Split { text: text_new, quoted: some(&quoted), signature: some(&signature) }
}

/// Where the history stands, as line numbers.
enum History {
    /// From here to the end.
    Below(usize),
    /// One block, with the answer below it.
    Above(std::ops::Range<usize>),
}

impl History {
    fn apart<'x>(&self, lines: &[&'x str]) -> (Vec<&'x str>, Vec<&'x str>) {
        let range = match self {
            Self::Below(start) => *start..lines.len(),
            Self::Above(range) => range.clone(),
        };
        let new = lines[..range.start].iter().chain(&lines[range.end..]).copied().collect();
        (new, lines[range].to_vec())
    }
}

fn history(lines: &[&str]) -> Option<History> {
    let mut forwarded = false;
    for at in 0..lines.len() {
        let line = lines[at].trim();
        if line.is_empty() {
            continue;
        }
        // What is forwarded is what the sender wants to show.
        forwarded |= words::is_forward_line(line);
        if forwarded {
            return None;
        }
        if words::is_original_line(line) || is_header_block(lines, at) {
            return blank_above(lines, at, History::Below(above_rule(lines, at)));
        }
        if let Some(length) = attribution(lines, at) {
            let below = at + length;
            let quote = next_text(lines, below).filter(|it| is_quote(lines[*it]));
            return match quote {
                Some(start) => quoted_block(lines, at, start),
                None => blank_above(lines, at, History::Below(at)),
            };
        }
        if is_quote(lines[at]) {
            return quoted_block(lines, at, at);
        }
    }
    None
}

/// A mail that is nothing but history has no history: all of it is new.
fn blank_above(lines: &[&str], at: usize, found: History) -> Option<History> {
    lines[..at].iter().any(|it| !it.trim().is_empty() && !is_marker(it)).then_some(found)
}

/// The line of dashes or underscores that some programs draw above the history belongs to it.
fn above_rule(lines: &[&str], at: usize) -> usize {
    let rule =
        |it: &str| it.len() >= 3 && it.bytes().all(|it| matches!(it, b'_' | b'-' | b'*' | b'='));
    (at.saturating_sub(3)..at).rev().find(|it| rule(lines[*it].trim())).unwrap_or(at)
}

/// A block of `>` lines from `quote` on, announced at `start`. Answers between the quoted lines need
/// them to make sense: then only the last block, with nothing below, is history.
fn quoted_block(lines: &[&str], start: usize, quote: usize) -> Option<History> {
    let mut end = quote;
    for (at, line) in lines.iter().enumerate().skip(quote) {
        if is_quote(line) {
            end = at + 1;
        } else if !line.trim().is_empty() {
            break;
        }
    }
    let below: Vec<usize> = (end..lines.len())
        .filter(|it| !lines[*it].trim().is_empty() && !is_marker(lines[*it]))
        .collect();
    let above = lines[..start].iter().any(|it| !it.trim().is_empty());
    let Some(first_below) = below.first() else {
        return above.then_some(History::Below(start));
    };
    let signature_only = is_separator(lines[*first_below]) || words::is_mobile(lines[*first_below]);
    if above && signature_only {
        return Some(History::Above(start..end));
    }
    if !above && !below.iter().any(|it| is_quote(lines[*it])) {
        return Some(History::Above(start..end));
    }
    // Interleaved: drop the tail below the last word of the sender.
    let last_new = below.iter().rev().find(|it| !is_quote(lines[**it]))?;
    let tail = (last_new + 1..lines.len()).find(|it| is_quote(lines[*it]))?;
    Some(History::Below(tail))
}

fn is_quote(line: &str) -> bool {
    line.trim_start().starts_with('>') && !line.trim_start().starts_with(">From ")
}

fn next_text(lines: &[&str], from: usize) -> Option<usize> {
    (from..lines.len().min(from + 4)).find(|it| !lines[*it].trim().is_empty())
}

/// `On Monday, Ann wrote:`, perhaps broken over several lines. The number of lines it takes.
fn attribution(lines: &[&str], at: usize) -> Option<usize> {
    let first = lines[at].trim_start();
    if !words::may_start_attribution(first) {
        return None;
    }
    let mut joined = String::new();
    for (count, line) in lines[at..].iter().take(4).enumerate() {
        if line.len() > 500 || line.trim().is_empty() {
            return None;
        }
        joined.push(' ');
        joined.push_str(line.trim());
        if words::is_attribution(joined.trim()) {
            return Some(count + 1);
        }
    }
    None
}

/// `From: … Sent: … To: … Subject: …`, as Outlook puts above what it quotes.
fn is_header_block(lines: &[&str], at: usize) -> bool {
    if !words::is_from_label(lines[at]) {
        return false;
    }
    let others = lines[at + 1..].iter().take(8).filter(|it| words::is_other_label(it)).count();
    others >= 2
}

fn is_separator(line: &str) -> bool {
    // Programs strip the space that RFC 3676 §4.3 asks for.
    matches!(line.trim_end_matches('\r'), "-- " | "--" | "__" | "—")
}

fn is_marker(line: &str) -> bool {
    let line = line.trim_start_matches(['>', ' ', '\t']).trim_end();
    line.len() < 80
        && line
            .strip_prefix("[ref:")
            .and_then(|it| it.strip_suffix(']'))
            .is_some_and(marker::is_token)
}

fn split_signature<'x>(new: &mut Vec<&'x str>) -> Vec<&'x str> {
    while new.last().is_some_and(|it| it.trim().is_empty()) {
        new.pop();
    }
    let from = new.len().saturating_sub(MAX_SIGNATURE);
    let separator = (from..new.len()).find(|it| is_separator(new[*it]));
    let mobile = || {
        let last = new.len().checked_sub(1)?;
        words::is_mobile(new[last]).then_some(last)
    };
    match separator.or_else(mobile) {
        Some(at) if new[..at].iter().any(|it| !it.trim().is_empty()) => new.split_off(at),
        _ => Vec::new(),
    }
}

fn joined(lines: &[&str]) -> String {
    lines.join("\n").trim_end().trim_start_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn answers_are_split_from_what_they_answer() {
        let cases = [
            (
                "Thanks!\n\nOn Mon, 3 Mar 2025 at 10:00, Ann Lee <a@x.example> wrote:\n> old\n> text\n",
                "Thanks!",
                true,
            ),
            (
                "Thanks!\n\nOn Mon, 3 Mar 2025 at 10:00, Ann\nLee <a@x.example>\nwrote:\n\n> old\n",
                "Thanks!",
                true,
            ),
            ("Danke!\n\nAm 03.03.25 um 10:00 schrieb Ann Lee:\n> alt\n", "Danke!", true),
            (
                "Terima kasih\n\nPada Sen, 3 Mar 2025 pukul 10.00 Ann <a@x.example> menulis:\n\n> lama\n",
                "Terima kasih",
                true,
            ),
            (
                "Merci\n\nLe lun. 3 mars 2025 à 10:00, Ann <a@x.example> a écrit :\n\n> vieux\n",
                "Merci",
                true,
            ),
            (
                "Gracias\n\nEl lun, 3 mar 2025 a las 10:00, Ann (<a@x.example>) escribió:\n\n> viejo\n",
                "Gracias",
                true,
            ),
            (
                "Grazie\n\nIl giorno lun 3 mar 2025 alle ore 10:00 Ann ha scritto:\n\n> vecchio\n",
                "Grazie",
                true,
            ),
            (
                "Bedankt\n\nOp ma 3 mrt 2025 om 10:00 schreef Ann <a@x.example>:\n\n> oud\n",
                "Bedankt",
                true,
            ),
            (
                "Obrigado\n\nEm seg., 3 de mar. de 2025 às 10:00, Ann escreveu:\n\n> velho\n",
                "Obrigado",
                true,
            ),
            ("Hi\n\n-----Original Message-----\nFrom: Ann\nold", "Hi", true),
            ("Hallo\n\n-----Ursprüngliche Nachricht-----\nVon: Ann\nalt", "Hallo", true),
            (
                "Hi\n\n________________________________\nFrom: Ann <a@x.example>\nSent: Monday\nTo: Desk\nSubject: x\n\nold",
                "Hi",
                true,
            ),
            ("Hallo\n\nVon: Ann\nGesendet: Montag\nAn: Desk\nBetreff: x\n\nalt", "Hallo", true),
            ("Hai\n\nDari: Ann\nTanggal: Senin\nKepada: Desk\nSubjek: x\n\nlama", "Hai", true),
            ("On Mon, 3 Mar 2025 Ann wrote:\n> a question\n\nThe answer.\n", "The answer.", true),
            ("> first?\nyes\n> second?\nno\n", "> first?\nyes\n> second?\nno", false),
            ("> first?\nyes\n> second?\nno\n\n> rest\n", "> first?\nyes\n> second?\nno", true),
            (
                "FYI\n\n---------- Forwarded message ---------\nFrom: Ann\nDate: x\nTo: y\n\nbody",
                "FYI\n\n---------- Forwarded message ---------\nFrom: Ann\nDate: x\nTo: y\n\nbody",
                false,
            ),
            (
                "On my list there are three things to do:\nmilk",
                "On my list there are three things to do:\nmilk",
                false,
            ),
            ("> only\n> quoted", "> only\n> quoted", false),
            ("Hi\n[ref:abcd1]\n", "Hi", false),
            ("", "", false),
        ];
        for (text, new, quoted) in cases {
            let got = split(text);
            assert_eq!(got.text, new, "{text}");
            assert_eq!(got.quoted.is_some(), quoted, "{text}\n{got:?}");
        }
    }

    #[test]
    fn signatures_are_split_off() {
        let cases = [
            ("Hi\n\n-- \nAnn\nSales", "Hi", Some("-- \nAnn\nSales")),
            ("Hi\n--\nAnn", "Hi", Some("--\nAnn")),
            ("Hi\n\nSent from my iPhone", "Hi", Some("Sent from my iPhone")),
            ("Hallo\n\nVon meinem iPhone gesendet", "Hallo", Some("Von meinem iPhone gesendet")),
            (
                "Hai\n\nDikirim dari iPhone saya\n\nPada 3 Mar 2025, Ann menulis:\n> x",
                "Hai",
                Some("Dikirim dari iPhone saya"),
            ),
            ("-- \nAnn", "-- \nAnn", None),
            ("Sent from my iPhone", "Sent from my iPhone", None),
        ];
        for (text, new, signature) in cases {
            let got = split(text);
            assert_eq!((got.text.as_str(), got.signature.as_deref()), (new, signature), "{text}");
        }
    }

    #[test]
    fn a_megabyte_of_anything_is_read_in_one_pass() {
        let shapes = [
            ">",
            "> \n",
            ">>> a\n",
            "On 1 x\n",
            "On 1 ",
            "From: a\n",
            "Von:\nAn:\n",
            "-----\n",
            "-- \n",
            "[ref:",
            "[ref:abcd]\n",
            "wrote:\n",
            "a\n> b\n",
            "\n",
            " ",
            "Sent from my \n",
            "_",
            "On 1 a wrote:\n",
            "é",
        ];
        for shape in shapes {
            let text = shape.repeat(1_000_000 / shape.len());
            let start = Instant::now();
            split(&text);
            assert!(start.elapsed() < Duration::from_secs(60), "{shape:?} {:?}", start.elapsed());
        }
    }

    proptest! {
        #[test]
        fn text_is_never_lost(text in "([>\\-_ ]{0,3}(On 1|wrote:|From:|To:|Sent:|hi|-- |\\[ref:abcd\\])?[ \\n]{0,2}){0,12}|\\PC{0,80}") {
            let got = split(&text);
            prop_assert_eq!(got.text.trim().is_empty(), marker::hide(&text).trim().is_empty() , "{:?}", got);
        }
    }
}
