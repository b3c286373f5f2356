//! Text from outside, made safe to store and show on one line or several.

use unicode_normalization::UnicodeNormalization;

/// Why a text field was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("must not be empty")]
    Empty,
    #[error("must be at most {0} characters long")]
    TooLong(usize),
    #[error("must be on one line, without control characters")]
    ControlCharacter,
}

/// A trimmed, NFC-normalised single line of 1 to `max` characters.
pub fn line(text: &str, max: usize) -> Result<String, TextError> {
    let text: String = text.trim().nfc().collect();
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().count() > max {
        return Err(TextError::TooLong(max));
    }
    if text.chars().any(|it| it.is_control() || matches!(it, '\u{2028}' | '\u{2029}')) {
        return Err(TextError::ControlCharacter);
    }
    Ok(text)
}

/// Text of several lines, at most `max` characters: LF line ends, no other control characters but tabs.
pub fn block(text: &str, max: usize) -> Result<String, TextError> {
    if text.chars().take(max + 1).count() > max {
        return Err(TextError::TooLong(max));
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Ok(text.chars().filter(|it| !it.is_control() || matches!(it, '\n' | '\t')).nfc().collect())
}

/// A single line made from whatever came: what `line` would refuse is dropped or cut. For text that
/// must not be lost only because it is odd, such as a stranger's display name.
pub fn line_lossy(text: &str, max: usize) -> String {
    let spaced: String =
        text.nfc().map(|it| if it.is_control() || it.is_whitespace() { ' ' } else { it }).collect();
    let mut out = String::new();
    for word in spaced.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.chars().take(max).collect()
}

/// The start of a message as a list row shows it: one line, at most 160 characters.
pub fn preview(text: &str) -> String {
    let head: String = text.chars().take(640).collect();
    line_lossy(&head, 160)
}

/// The form in which two spellings of a word are the same: NFKC and lower case.
pub fn fold(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_refuses_what_is_not_one_line() {
        let cases = [
            ("  Ann  ", 10, Ok("Ann".to_owned())),
            ("", 10, Err(TextError::Empty)),
            (" \t ", 10, Err(TextError::Empty)),
            ("abcdef", 5, Err(TextError::TooLong(5))),
            ("a\r\nBcc: x", 50, Err(TextError::ControlCharacter)),
            ("e\u{301}", 1, Ok("é".to_owned())),
        ];
        for (text, max, want) in cases {
            assert_eq!(line(text, max), want, "{text:?}");
        }
    }

    #[test]
    fn a_preview_is_one_short_line() {
        assert_eq!(preview("Hello,\n\n  my order\tis\u{0} late "), "Hello, my order is late");
        assert_eq!(preview(&"x".repeat(1000)).len(), 160);
    }

    #[test]
    fn a_block_keeps_lines_and_drops_other_control_characters() {
        assert_eq!(block("a\r\nb\rc\u{0}\u{7}\td", 100).unwrap(), "a\nb\nc\td");
        assert_eq!(block("abc", 2), Err(TextError::TooLong(2)));
    }
}
