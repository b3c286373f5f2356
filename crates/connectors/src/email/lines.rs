//! One line or many from whatever a stranger wrote.

use domain::text;

/// A single NFC line of at most `max` characters, without controls or characters that reorder what
/// follows them. Encoded words decode to real CR, LF and NUL, so this runs after decoding.
pub fn line(raw: &str, max: usize) -> String {
    // Normalising reads everything it is given: a header of 50 MB is cut before.
    let visible: String =
        raw.chars().take(max.saturating_mul(4)).filter(|it| !reorders(*it)).collect();
    text::line_lossy(&visible, max)
}

/// Text with LF line ends, without NUL and other controls but tabs.
pub fn block(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(it) = chars.next() {
        match it {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    out.push('\n');
                }
            }
            '\n' | '\t' => out.push(it),
            '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\u{feff}' => {}
            _ if it.is_control() => {}
            _ => out.push(it),
        }
    }
    out
}

/// The longest start of `text` of at most `max` bytes that ends between characters.
pub fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// Bidirectional embeddings, overrides and isolates: `gpj.exe` shown as `exe.jpg`.
pub fn reorders(it: char) -> bool {
    matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters without a shape of their own, which hide what a name really is.
pub fn invisible(it: char) -> bool {
    reorders(it)
        || matches!(it,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}'
            | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_controls_and_does_not_reorder() {
        let cases = [
            ("  Hi\r\nBcc: x@y.z\u{0}", "Hi Bcc: x@y.z"),
            ("invoice\u{202e}gpj.exe", "invoicegpj.exe"),
            ("", ""),
        ];
        for (raw, want) in cases {
            assert_eq!(line(raw, 100), want, "{raw:?}");
        }
        assert_eq!(line(&"é".repeat(500), 10).chars().count(), 10);
    }

    #[test]
    fn a_block_keeps_its_lines() {
        assert_eq!(block("a\r\nb\rc\u{0}\u{feff}\td\u{2028}e"), "a\nb\nc\td\ne");
        assert_eq!(cut("äöü", 3), "ä");
    }
}
