//! A stream that stops an IMAP server from making us hold more than we agreed to.
//!
//! The parser below us keeps a whole response in memory, makes room for whatever length a literal claims, and descends
//! into nested lists by recursion. All three are refused here, before its first byte is parsed.

use std::{
    fmt, io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest a response may be besides its literals. A search answers for [`super::SEARCH_WINDOW`] mails at most,
/// which is about 220 KB.
const LINE_BYTES: u64 = 512 * 1024;

/// Room for literals in anything but a mail's body, e.g. folder names.
pub(super) const SMALL_LITERAL: u64 = 64 * 1024;

/// What we ask for nests twice; the parser tries every reading of each level.
const DEPTH: u32 = 8;

#[derive(Debug)]
pub(super) struct Bounded<S> {
    inner: S,
    scan: Scan,
}

/// What was exceeded; travels inside the `io::Error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excess {
    Line,
    Literal,
    Depth,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.in_words())
    }
}

impl Excess {
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Line => "an endless line",
            Self::Literal => "a literal beyond the size limit",
            Self::Depth => "lists nested too deeply",
        }
    }
}

impl std::error::Error for Excess {}

/// Follows the protocol just far enough to know where literals and responses end.
#[derive(Debug)]
struct Scan {
    literal_limit: u64,
    /// Bytes of this response outside of literals, and inside.
    line: u64,
    literals: u64,
    /// Bytes still to come of the literal we are in.
    inside: u64,
    /// The first bytes of the response, which tell data from status lines: in a status line braces are mere text.
    head: [u8; 9],
    quoted: bool,
    escaped: bool,
    depth: u32,
    brace: Brace,
}

/// Where we are in `{123}` CR LF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Brace {
    Outside,
    Number(u64),
    Closed(u64),
}

impl<S> Bounded<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, scan: Scan::new(SMALL_LITERAL) }
    }

    /// How many bytes of literals one response may carry from now on.
    pub(super) fn allow_literals(&mut self, bytes: u64) {
        self.scan.literal_limit = bytes;
    }
}

impl Scan {
    fn new(literal_limit: u64) -> Self {
        Self {
            literal_limit,
            line: 0,
            literals: 0,
            inside: 0,
            head: [0; 9],
            quoted: false,
            escaped: false,
            depth: 0,
            brace: Brace::Outside,
        }
    }

    fn read(&mut self, mut bytes: &[u8]) -> Result<(), Excess> {
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.inside > 0 {
                let skip = usize::try_from(self.inside).unwrap_or(usize::MAX).min(bytes.len());
                self.inside -= skip as u64;
                bytes = &bytes[skip..];
                continue;
            }
            bytes = rest;
            self.step(byte)?;
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) -> Result<(), Excess> {
        if let Some(slot) = self.head.get_mut(usize::try_from(self.line).unwrap_or(usize::MAX)) {
            *slot = byte.to_ascii_uppercase();
        }
        self.line += 1;
        if self.line > LINE_BYTES {
            return Err(Excess::Line);
        }
        if byte == b'\n' {
            return self.end_of_line();
        }
        if self.quoted {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.quoted = false,
                _ => {}
            }
            return Ok(());
        }
        self.brace = match (self.brace, byte) {
            (_, b'{') => Brace::Number(0),
            (Brace::Number(n), b'0'..=b'9') => {
                Brace::Number(n.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
            }
            (Brace::Number(n), b'+') => Brace::Number(n),
            (Brace::Number(n), b'}') => Brace::Closed(n),
            (Brace::Closed(n), b'\r') => Brace::Closed(n),
            _ => Brace::Outside,
        };
        match byte {
            b'"' if self.is_data() => self.quoted = true,
            b'(' if self.is_data() => {
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(Excess::Depth);
                }
            }
            b')' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        Ok(())
    }

    fn end_of_line(&mut self) -> Result<(), Excess> {
        match self.brace {
            Brace::Closed(size) if self.is_data() => {
                self.literals = self.literals.saturating_add(size);
                if self.literals > self.literal_limit {
                    return Err(Excess::Literal);
                }
                self.inside = size;
                self.brace = Brace::Outside;
                self.quoted = false;
                self.escaped = false;
            }
            _ => *self = Self::new(self.literal_limit),
        }
        Ok(())
    }

    fn is_data(&self) -> bool {
        const STATUS: [&[u8]; 5] = [b"* OK", b"* NO", b"* BAD", b"* BYE", b"* PREAUTH"];
        self.head.starts_with(b"* ") && !STATUS.iter().any(|it| self.head.starts_with(it))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        std::task::ready!(Pin::new(&mut this.inner).poll_read(cx, buf))?;
        Poll::Ready(this.scan.read(&buf.filled()[before..]).map_err(io::Error::other))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &[u8], step: usize) -> Result<(), Excess> {
        let mut scan = Scan::new(100);
        text.chunks(step).try_for_each(|it| scan.read(it))
    }

    #[test]
    fn excess_is_seen_before_it_arrives_and_nothing_else_is() {
        let deep = format!("* 1 FETCH {}", "(".repeat(9));
        let hidden = format!("* OK hi {{99}}\r\n{deep}");
        let long = vec![b'x'; 600 * 1024];
        let cases: [(&str, &[u8], Result<(), Excess>); 11] = [
            ("four gigabytes", b"* 1 FETCH (BODY[] {4294967296}\r\n", Err(Excess::Literal)),
            ("overflow", b"* 1 FETCH (BODY[] {99999999999999999999999}\r\n", Err(Excess::Literal)),
            ("just fits", b"* 1 FETCH (BODY[] {3}\r\nabc)\r\n* 2 FETCH (BODY[] {98}\r\n", Ok(())),
            ("sum", b"* 1 FETCH (A {60}\r\n", Ok(())),
            ("literal8 form", b"* LIST () \"/\" {101+}\r\n", Err(Excess::Literal)),
            ("status text", b"* OK see {4294967296}\r\n", Ok(())),
            ("tagged text", b"A1 NO see {4294967296}\r\n", Ok(())),
            ("quoted", b"* LIST () \"/\" \"{4294967296}\"\r\n", Ok(())),
            ("deep", deep.as_bytes(), Err(Excess::Depth)),
            ("deep behind a false literal", hidden.as_bytes(), Err(Excess::Depth)),
            ("endless", &long, Err(Excess::Line)),
        ];
        for (name, text, want) in cases {
            for step in [1, 7, 4096] {
                assert_eq!(scan(text, step), want, "{name}, {step} bytes at a time");
            }
        }
        let two = [&b"* 1 FETCH (A {60}\r\n"[..], &[b'x'; 60], b" B {60}\r\n"].concat();
        assert_eq!(scan(&two, 10), Err(Excess::Literal), "literals of one response add up");
    }
}
