//! What HTML would cost to build a tree of, before one is built. That takes quadratic time in its depth
//! (html5ever issue 788): 100 KB of nested tags would hold a thread for half a minute. And formatting that
//! is never closed is opened again in every block: 1 MB could become tens of millions of elements.

use std::cell::{Cell, RefCell};

use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind,
    },
};

/// Elements that open formatting may be copied into, counted once for each that is open at each tag.
const MAX_COPIES: usize = 100_000;

/// What all attributes may cost: each is compared with every earlier one of its tag.
const MAX_COMPARED: u64 = 400_000_000;
/// Bytes given to the tokenizer at a time; a tag within one piece has too few attributes to matter.
const PIECE: usize = 2 * 1024;

/// Whether more than `max` elements would be open at once, or copies of formatting or the attributes
/// of one tag get out of hand. It errs towards yes: every rule by which a tree builder closes elements
/// early is either followed exactly or left out.
pub fn exceeds(html: &str, max: usize) -> bool {
    let sink = Depth { max, ..Depth::default() };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    let (mut rest, mut attributes) = (html, Attributes::default());
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        rest = after;
        input.push_back(StrTendril::from(piece));
        let _ = tokenizer.feed(&input);
        if attributes.grow(piece, tokenizer.sink.tokens.get()) > MAX_COMPARED {
            return true;
        }
    }
    tokenizer.sink.exceeded.get()
}

/// How many attributes the longest tags can have at most, by what can stand between two of them.
#[derive(Default)]
struct Attributes {
    tokens: usize,
    /// Since the piece in which the last token ended.
    run: u64,
    /// Whether the run is one tag's: no token ended in its last piece.
    is_one_tag: bool,
    compared: u64,
}

impl Attributes {
    fn grow(&mut self, piece: &str, tokens: usize) -> u64 {
        let between = |it: &u8| it.is_ascii_whitespace() || matches!(it, b'/' | b'"' | b'\'');
        let more = piece.bytes().filter(between).count() as u64;
        let had_token = tokens != self.tokens;
        self.tokens = tokens;
        if had_token {
            if self.is_one_tag {
                self.compared += self.run * self.run;
            }
            self.run = more;
            self.is_one_tag = false;
            return self.compared;
        }
        self.run += more;
        self.is_one_tag = true;
        self.compared + self.run * self.run
    }
}

#[derive(Default)]
struct Depth {
    open: RefCell<Vec<String>>,
    /// How many of them are formatting.
    formatting: Cell<usize>,
    copies: Cell<usize>,
    tokens: Cell<usize>,
    max: usize,
    exceeded: Cell<bool>,
}

impl TokenSink for Depth {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        // A complaint within a tag does not end it.
        let ends_something = !matches!(token, Token::ParseError(_));
        self.tokens.set(self.tokens.get() + usize::from(ends_something));
        let Token::TagToken(tag) = token else { return TokenSinkResult::Continue };
        if self.exceeded.get() {
            // The rest is read as text, which costs next to nothing.
            return TokenSinkResult::Plaintext;
        }
        let next = match tag.kind {
            TagKind::StartTag => self.start(&tag),
            TagKind::EndTag => {
                self.end(&tag.name);
                TokenSinkResult::Continue
            }
        };
        self.copies.set(self.copies.get() + self.formatting.get());
        let deep = self.open.borrow().len() > self.max;
        self.exceeded.set(deep || self.copies.get() > MAX_COPIES);
        next
    }
}

impl Depth {
    fn start(&self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        let mut open = self.open.borrow_mut();
        // In these the tree builder may not read raw text where we would: count every tag.
        let raw_text = !open.iter().any(|it| matches!(it.as_str(), "svg" | "math" | "select"));
        if raw_text {
            match name {
                "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
                "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                    return TokenSinkResult::RawData(RawKind::Rawtext);
                }
                "title" | "textarea" => return TokenSinkResult::RawData(RawKind::Rcdata),
                "plaintext" => return TokenSinkResult::Plaintext,
                _ => {}
            }
        }
        let closed = tag.self_closing && matches!(name, "svg" | "math");
        if !closed && !is_flat(name) {
            if name == "a" {
                self.close_link(&mut open);
            }
            open.push(name.to_owned());
            self.formatting.set(self.formatting.get() + usize::from(is_formatting(name)));
        }
        TokenSinkResult::Continue
    }

    /// A link within a link ends the outer one.
    fn close_link(&self, open: &mut Vec<String>) {
        let inner = open.iter().rposition(|it| it == "a" || is_barrier(it));
        if let Some(at) = inner.filter(|it| open[*it] == "a") {
            open.remove(at);
            self.formatting.set(self.formatting.get() - 1);
        }
    }

    /// Closes the innermost element of this name, unless a barrier stands between: a tree builder
    /// ignores an end tag from inside a table cell for what is outside the table.
    fn end(&self, name: &str) {
        let mut open = self.open.borrow_mut();
        for at in (0..open.len()).rev() {
            if open[at] == name {
                match name {
                    // Closing one leaves what was opened inside it open.
                    _ if is_formatting(name) => drop(open.remove(at)),
                    // A barrier ends all that is inside, formatting too.
                    _ if is_barrier(name) => open.truncate(at),
                    // Formatting outlives the block it was opened in: it is opened again behind it.
                    _ => {
                        let inside = open.split_off(at);
                        open.extend(inside.into_iter().skip(1).filter(|it| is_formatting(it)));
                    }
                }
                self.formatting.set(open.iter().filter(|it| is_formatting(it)).count());
                return;
            }
            // An inline element's end tag does not close a block inside it.
            if is_barrier(&open[at])
                || !is_block(name) && !is_formatting(name) && is_block(&open[at])
            {
                return;
            }
        }
    }
}

/// Elements that hold nothing, or that end where the next of their kind begins.
fn is_flat(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "image"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
            | "html"
            | "head"
            | "body"
            | "p"
            | "li"
            | "dt"
            | "dd"
            | "td"
            | "th"
            | "tr"
            | "tbody"
            | "thead"
            | "tfoot"
            | "colgroup"
            | "frameset"
    )
}

fn is_formatting(name: &str) -> bool {
    matches!(
        name,
        "a" | "b"
            | "big"
            | "code"
            | "em"
            | "font"
            | "i"
            | "nobr"
            | "s"
            | "small"
            | "strike"
            | "strong"
            | "tt"
            | "u"
    )
}

fn is_barrier(name: &str) -> bool {
    matches!(
        name,
        "table"
            | "caption"
            | "template"
            | "object"
            | "applet"
            | "marquee"
            | "select"
            | "svg"
            | "math"
            | "button"
            | "noscript"
    )
}

/// Those whose end tag closes whatever is open inside (the HTML standard's "special" elements).
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "header"
            | "hgroup"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "ul"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "form"
            | "iframe"
            | "textarea"
            | "title"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_of_very_many_attributes_is_too_much_and_a_large_picture_is_not() {
        let many: String = (0..100_000).map(|it| format!("a{it} ")).collect();
        let picture = "iVBORw0KGgo/AAAANSUhEUgAA+gAA".repeat(20_000);
        let cases = [
            ("one tag", format!("<a {many}>x</a>"), true),
            ("slashes", format!("<a {}>x</a>", many.replace(' ', "/")), true),
            ("a tag behind a quoted bracket", format!("<a x=\">\" {many}>x</a>"), true),
            ("an inline picture", format!("<img src=\"data:image/png;base64,{picture}\">"), false),
            ("text with many spaces", "<p>a b  c\n \t d</p>\n".repeat(40_000), false),
            ("only spaces", " ".repeat(1_000_000), false),
        ];
        for (name, html, want) in cases {
            assert_eq!(exceeds(&html, 256), want, "{name}");
        }
    }

    #[test]
    fn only_what_stays_open_counts() {
        let cases = [
            ("<div>".repeat(300), true),
            ("<div></div>".repeat(3000), false),
            ("<p>text".repeat(3000), false),
            ("<ul><li>".repeat(300), true),
            ("<table><tr><td>x</td></tr></table>".repeat(3000), false),
            ("<br><img>".repeat(3000), false),
            // Each of these leaves one element open that its end tag seems to close.
            ("<div></span>".repeat(300), true),
            ("<b><div></b>".repeat(300), true),
            ("<span><div></span>".repeat(300), true),
            ("<div><table><td></div></table>".repeat(300), true),
            ("<div><script></div></script>".repeat(300), true),
            ("<div><!--</div>-->".repeat(300), true),
            (format!("<!-- --!>{}", "<div>".repeat(300)), true),
            (format!("<svg><style>{}", "<div>".repeat(300)), true),
            (format!("<select><style></select>{}", "<div>".repeat(300)), true),
            ("<font>a".repeat(300), true),
            ("<x-y>".repeat(300), true),
            ("<a name=x>text".repeat(300), false),
            (
                // Two hundred kinds of formatting, opened again in each of the paragraphs.
                (0..200).map(|it| format!("<font color=c{it}>")).collect::<String>()
                    + &"<p>x".repeat(10_000),
                true,
            ),
            (format!("<textarea>{}", "<div>".repeat(300)), false),
        ];
        for (html, want) in cases {
            assert_eq!(exceeds(&html, 256), want, "{}", &html[..60]);
        }
    }
}
