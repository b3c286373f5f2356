//! Text in cells of a spreadsheet: some programs take what begins like a formula for one and run it.

use std::borrow::Cow;

/// What a cell may begin a formula with, also in the full width of East Asian keyboards.
const BEGINNINGS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The text as a cell may hold it: an apostrophe in front makes a formula text.
pub fn guard(text: &str) -> Cow<'_, str> {
    match is_dangerous(text) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// What [`guard`] was given.
pub fn unguard(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|it| is_dangerous(it)).unwrap_or(cell)
}

/// Programs look past blanks and marks nobody sees. A text that looks guarded is guarded once more,
/// or reading it back would take its own apostrophe away.
fn is_dangerous(text: &str) -> bool {
    let skipped = |it: char| {
        it == '\''
            || it.is_whitespace()
            || it.is_control()
            || "\u{feff}\u{200b}\u{200e}".contains(it)
    };
    let first = text.chars().find(|it| BEGINNINGS.contains(it) || !skipped(*it));
    first.is_some_and(|it| BEGINNINGS.contains(&it))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_could_be_a_formula_is_text() {
        let cases = [
            ("", ""),
            ("Ann", "Ann"),
            ("a=b", "a=b"),
            ("O'Neil", "O'Neil"),
            ("'tis", "'tis"),
            ("=1+1", "'=1+1"),
            ("+62 812", "'+62 812"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =1", "'  =1"),
            ("\u{feff}=1", "'\u{feff}=1"),
            ("\tx", "'\tx"),
            ("\r\n=1", "'\r\n=1"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
        ];
        for (text, cell) in cases {
            assert_eq!(guard(text), cell, "{text:?}");
            assert_eq!(unguard(cell), text, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "['=+@ a\t\u{feff}-]{0,8}|\\PC{0,20}") {
            let cell = guard(&text);
            prop_assert_eq!(unguard(&cell), &text);
            prop_assert!(!is_dangerous(&cell) || cell.starts_with('\''));
        }
    }
}
