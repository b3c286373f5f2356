//! HTML to plain text in one pass, for mails that bring nothing else and for the text part of ours.

use mail_parser::decoders::html::add_html_token;

/// Whether the targets of links are written behind their text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    Show,
    Hide,
}

/// Every byte is read a fixed number of times: where an end is missing once, it is not looked for
/// again.
pub fn from_html(html: &str, links: Links) -> String {
    let mut out = Writer::default();
    let mut it =
        Scanner { html, at: 0, no_tag_end: false, no_quotes: false, no_comment_end: false };
    let mut targets: Vec<(String, usize)> = Vec::new();
    let mut pre = 0usize;
    while let Some(token) = it.next() {
        match token {
            Token::Text(text) if pre > 0 => out.preformatted(&decode(text)),
            Token::Text(text) => out.text(&decode(text)),
            Token::Open(name, attributes) => match name.as_str() {
                "br" => out.newline(),
                "hr" => {
                    out.lines(1);
                    out.text("---");
                    out.lines(1);
                }
                "li" => {
                    out.lines(1);
                    out.text("- ");
                }
                "td" | "th" => out.pending_space = true,
                "pre" => {
                    pre += 1;
                    out.lines(1);
                }
                "blockquote" => {
                    out.lines(1);
                    out.quote += 1;
                }
                "a" if links == Links::Show && targets.len() < 100 => {
                    let target = attribute(attributes, "href").map(decode);
                    targets.push((target.unwrap_or_default(), out.text.len()));
                }
                _ => out.lines(gap(&name)),
            },
            Token::Close(name) => match name.as_str() {
                "pre" => {
                    pre = pre.saturating_sub(1);
                    out.lines(1);
                }
                "blockquote" => {
                    out.lines(1);
                    out.quote = out.quote.saturating_sub(1);
                }
                "a" => {
                    if let Some((target, from)) = targets.pop() {
                        out.target(target.trim(), from);
                    }
                }
                _ => out.lines(gap(&name)),
            },
        }
    }
    out.finish()
}

/// How many line ends a block element puts around itself.
fn gap(name: &str) -> usize {
    match name {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "table" | "dl" => 2,
        "div" | "tr" | "section" | "article" | "header" | "footer" | "address" | "center"
        | "form" | "dt" | "dd" | "caption" | "figure" | "figcaption" | "main" | "nav" | "aside"
        | "li" | "fieldset" | "legend" | "body" => 1,
        _ => 0,
    }
}

#[derive(Default)]
struct Writer {
    text: String,
    pending_lines: usize,
    pending_space: bool,
    quote: usize,
}

impl Writer {
    fn lines(&mut self, count: usize) {
        self.pending_lines = self.pending_lines.max(count);
    }

    fn newline(&mut self) {
        self.flush();
        self.text.push('\n');
        self.pending_space = false;
    }

    fn text(&mut self, text: &str) {
        let spaced = |it: char| matches!(it, ' ' | '\t' | '\r' | '\n' | '\u{c}');
        self.pending_space |= text.starts_with(spaced);
        for word in text.split(spaced).filter(|it| !it.is_empty()) {
            self.flush();
            self.text.push_str(word);
            self.pending_space = true;
        }
        self.pending_space = text.ends_with(spaced) || (text.is_empty() && self.pending_space);
    }

    fn preformatted(&mut self, text: &str) {
        for (count, line) in text.split('\n').enumerate() {
            if count > 0 {
                self.newline();
            }
            let line = line.trim_end_matches('\r');
            if !line.is_empty() {
                self.flush();
                self.text.push_str(line);
            }
        }
    }

    fn target(&mut self, target: &str, from: usize) {
        let web = ["http://", "https://", "mailto:", "tel:"];
        let known = web.iter().any(|it| target.to_ascii_lowercase().starts_with(it));
        let shown = self.text.get(from..).unwrap_or_default();
        let address = target.split_once(':').map_or("", |(_, it)| it.trim_matches('/'));
        let short = target.len() <= 2000 && shown.len() <= 2000;
        if known && short && !shown.trim().is_empty() && !shown.contains(address) {
            self.text.push_str(&format!(" <{target}>"));
        }
    }

    /// Writes what stands between the last word and the next.
    fn flush(&mut self) {
        if self.pending_lines > 0 && !self.text.is_empty() {
            let tail = self.text.bytes().rev().take(self.pending_lines);
            let ends = tail.take_while(|it| *it == b'\n').count();
            for _ in ends..self.pending_lines {
                self.text.push('\n');
            }
        }
        let fresh = self.text.is_empty() || self.text.ends_with('\n');
        if fresh {
            // Deeper quotes are the same to a reader and would let nesting multiply the text.
            for _ in 0..self.quote.min(5) {
                self.text.push_str("> ");
            }
        } else if self.pending_space {
            self.text.push(' ');
        }
        (self.pending_lines, self.pending_space) = (0, false);
    }

    fn finish(self) -> String {
        let mut out = String::with_capacity(self.text.len());
        let mut blank = 0;
        for line in self.text.lines() {
            let line = line.trim_end_matches([' ', '\u{a0}']);
            blank = if line.is_empty() { blank + 1 } else { 0 };
            if blank < 2 {
                out.push_str(line);
                out.push('\n');
            }
        }
        out.trim_matches('\n').to_owned()
    }
}

enum Token<'x> {
    Text(&'x str),
    /// Name in lower case, and the rest of the tag.
    Open(String, &'x str),
    Close(String),
}

struct Scanner<'x> {
    html: &'x str,
    at: usize,
    no_tag_end: bool,
    no_quotes: bool,
    no_comment_end: bool,
}

impl<'x> Scanner<'x> {
    fn next(&mut self) -> Option<Token<'x>> {
        loop {
            let rest = &self.html[self.at..];
            if rest.is_empty() {
                return None;
            }
            if !rest.starts_with('<') || self.no_tag_end {
                return Some(self.text(rest));
            }
            if let Some(comment) = rest.strip_prefix("<!--")
                && !self.no_comment_end
            {
                match comment.find("-->") {
                    Some(end) => self.at += 4 + end + 3,
                    None => self.no_comment_end = true,
                }
                continue;
            }
            match rest.as_bytes().get(1) {
                Some(b'!' | b'?') => match rest.find('>') {
                    Some(end) => self.at += end + 1,
                    None => self.no_tag_end = true,
                },
                Some(it) if it.is_ascii_alphabetic() || *it == b'/' => match self.tag(rest) {
                    Some(token) => return Some(token),
                    None => self.no_tag_end = true,
                },
                _ => return Some(self.text(rest)),
            }
        }
    }

    /// Up to the next `<`, which itself may be text.
    fn text(&mut self, rest: &'x str) -> Token<'x> {
        let end = if self.no_tag_end {
            rest.len()
        } else {
            rest.bytes().skip(1).position(|it| it == b'<').map_or(rest.len(), |it| it + 1)
        };
        self.at += end;
        Token::Text(&rest[..end])
    }

    fn tag(&mut self, rest: &'x str) -> Option<Token<'x>> {
        let end = self.tag_end(rest)?;
        self.at += end + 1;
        let inner = &rest[1..end];
        let (close, inner) = match inner.strip_prefix('/') {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        let split = inner
            .find(|it: char| it.is_ascii_whitespace() || it == '/')
            .unwrap_or(inner.len())
            .min(inner.floor_char_boundary(40));
        let (name, attributes) = inner.split_at(split);
        let name = name.to_ascii_lowercase();
        if close {
            return Some(Token::Close(name));
        }
        if ["script", "style", "title", "template", "textarea", "xml"].contains(&name.as_str()) {
            self.skip_content(&name);
        }
        Some(Token::Open(name, attributes))
    }

    /// The `>` that ends this tag: not one inside a quoted value, unless some quote never ends.
    fn tag_end(&mut self, rest: &str) -> Option<usize> {
        if !self.no_quotes {
            let (mut quote, mut last) = (None, b' ');
            for (at, byte) in rest.bytes().enumerate() {
                match (quote, byte) {
                    (None, b'>') => return Some(at),
                    (None, b'"' | b'\'') if last == b'=' => quote = Some(byte),
                    (Some(open), _) if open == byte => quote = None,
                    _ => {}
                }
                if !byte.is_ascii_whitespace() {
                    last = byte;
                }
            }
            self.no_quotes = true;
        }
        rest.find('>')
    }

    /// What a browser does not show. Without an end, nothing more is shown.
    fn skip_content(&mut self, name: &str) {
        let rest = &self.html.as_bytes()[self.at..];
        let mut at = 0;
        while let Some(found) = rest[at..].iter().position(|it| *it == b'<') {
            at += found + 1;
            let Some(tail) = rest[at..].strip_prefix(b"/") else { continue };
            if tail.len() >= name.len() && tail[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            {
                self.at += at - 1;
                return;
            }
        }
        self.at = self.html.len();
    }
}

/// The value of one attribute, undecoded.
fn attribute<'x>(attributes: &'x str, name: &str) -> Option<&'x str> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|it: char| it.is_ascii_whitespace() || it == '/');
        let end = rest.find(|it: char| it == '=' || it.is_ascii_whitespace())?;
        let key = &rest[..end];
        rest = rest[end..].trim_start();
        let Some(value) = rest.strip_prefix('=') else { continue };
        let value = value.trim_start();
        let (value, tail) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let value = &value[1..];
                value.split_once(quote).unwrap_or((value, ""))
            }
            _ => value.split_once(|it: char| it.is_ascii_whitespace()).unwrap_or((value, "")),
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = tail;
    }
}

/// Replaces character references.
fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest.as_bytes().iter().take(40).position(|it| *it == b';');
        let plain = |it: &[u8]| it.iter().all(|it| it.is_ascii_alphanumeric() || *it == b'#');
        match reference {
            Some(end) if end > 1 && plain(&rest.as_bytes()[1..end]) => {
                add_html_token(&mut out, &rest.as_bytes()[..=end], false);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests;
