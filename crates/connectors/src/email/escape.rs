//! Plain text as HTML, with its web addresses made into links.

use url::Url;

const MAX_URL: usize = 2048;

/// Escaped text with `<br>` for line ends. Reads each byte a fixed number of times.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while let Some(at) = next_url(rest) {
        push(&mut out, &rest[..at]);
        rest = &rest[at..];
        let url = url_at(rest);
        match Url::parse(url) {
            Ok(parsed) if url.len() <= MAX_URL && parsed.has_host() => {
                out.push_str("<a href=\"");
                push(&mut out, parsed.as_str());
                out.push_str("\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">");
                push(&mut out, url);
                out.push_str("</a>");
            }
            _ => push(&mut out, url),
        }
        rest = &rest[url.len()..];
    }
    push(&mut out, rest);
    out
}

/// Escaped text without links, for element content and quoted attribute values.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push(&mut out, text);
    out
}

fn next_url(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].find("://").map(|it| it + from) {
        for scheme in ["https", "http"] {
            if let Some(start) = at.checked_sub(scheme.len())
                && start >= from
                && text.as_bytes()[start..at].eq_ignore_ascii_case(scheme.as_bytes())
                && !text[..start].ends_with(char::is_alphanumeric)
            {
                return Some(start);
            }
        }
        from = at + 3;
    }
    None
}

/// The address that `text` starts with; a sentence's punctuation is not part of it.
fn url_at(text: &str) -> &str {
    let end = text
        .find(|it: char| it.is_whitespace() || it.is_control() || "<>\"`{}|\\^".contains(it))
        .unwrap_or(text.len());
    let url = &text[..end];
    let trimmed = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~']);
    match trimmed.strip_suffix([')', ']']) {
        Some(inner) if !inner.contains(['(', '[']) => inner,
        _ => trimmed,
    }
}

fn push(out: &mut String, text: &str) {
    for it in text.chars() {
        match it {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("<br>\n"),
            '\0' | '\r' => {}
            it => out.push(it),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn text_is_escaped_and_addresses_become_links() {
        let link = |href: &str, shown: &str| {
            format!(
                "<a href=\"{href}\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">{shown}</a>"
            )
        };
        let cases = [
            ("<b> & \"'\nx".to_owned(), "&lt;b&gt; &amp; &quot;&#39;<br>\nx".to_owned()),
            (
                "see https://x.example/a?b=1&c=2.".to_owned(),
                format!(
                    "see {}.",
                    link("https://x.example/a?b=1&amp;c=2", "https://x.example/a?b=1&amp;c=2")
                ),
            ),
            (
                "(http://x.example/)".to_owned(),
                format!("({})", link("http://x.example/", "http://x.example/")),
            ),
            ("javascript://x.example".to_owned(), "javascript://x.example".to_owned()),
            ("xhttps://a.b http:// end".to_owned(), "xhttps://a.b http:// end".to_owned()),
            (
                "https://x.example/\"onclick=1".to_owned(),
                format!("{}&quot;onclick=1", link("https://x.example/", "https://x.example/")),
            ),
        ];
        for (text, want) in cases {
            assert_eq!(escape(&text), want, "{text}");
        }
    }

    #[test]
    fn a_megabyte_of_anything_is_read_in_one_pass() {
        for shape in [
            "http://",
            "https://x.example/",
            "://",
            "http://a)",
            "(",
            ".",
            "&",
            "http://x.example/. ",
        ] {
            let text = shape.repeat(1_000_000 / shape.len());
            let start = Instant::now();
            assert!(!escape(&text).is_empty());
            assert!(start.elapsed() < Duration::from_secs(60), "{shape} {:?}", start.elapsed());
        }
    }
}
