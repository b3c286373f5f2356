//! A streamed completion: server-sent events (WHATWG HTML §9.2), each a JSON piece, then `[DONE]`.

use serde::Deserialize;

use super::{Tokens, Written};

/// Bytes of a whole answer; a reply is a few thousand.
const LONGEST: usize = 1024 * 1024;
/// Characters of what is written; the rest is left out.
const LONGEST_TEXT: usize = 20_000;

#[derive(Debug, Default)]
pub(super) struct Stream {
    /// Of the line that is not complete yet.
    line: Vec<u8>,
    read: usize,
    text: String,
    tokens: Option<Tokens>,
    pieces: usize,
    over: bool,
}

#[derive(Deserialize)]
struct Piece {
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(default)]
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Choice {
    /// In a stream.
    #[serde(default)]
    delta: Option<Said>,
    /// From servers that do not stream.
    #[serde(default)]
    message: Option<Said>,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    content: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

impl Stream {
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.read += bytes.len();
        if self.read > LONGEST {
            return Err("its answer does not end".to_owned());
        }
        for &byte in bytes {
            if byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.take(&line)?;
            } else {
                self.line.push(byte);
            }
        }
        Ok(())
    }

    fn take(&mut self, line: &[u8]) -> Result<(), String> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(data) = line.strip_prefix(b"data:") else { return Ok(()) };
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            self.over = true;
            return Ok(());
        }
        let piece = serde_json::from_slice(data).map_err(|_| "its answer cannot be read")?;
        self.add(piece)
    }

    fn add(&mut self, piece: Piece) -> Result<(), String> {
        if let Some(error) = piece.error {
            return Err(said(&error));
        }
        self.pieces += 1;
        if let Some(it) = piece.usage {
            self.tokens =
                Some(Tokens { prompt: it.prompt_tokens, completion: it.completion_tokens });
        }
        let first = piece.choices.into_iter().next();
        let said = first.and_then(|it| it.delta.or(it.message)).and_then(|it| it.content);
        if let Some(said) = said {
            let room = LONGEST_TEXT.saturating_sub(self.text.chars().count());
            self.text.extend(said.chars().take(room));
        }
        Ok(())
    }

    /// What was written, also by a server that answered in one piece or forgot to say it is done.
    pub(super) fn finish(mut self) -> Result<Written, String> {
        let rest = std::mem::take(&mut self.line);
        if self.pieces == 0 && rest.trim_ascii().starts_with(b"{") {
            self.add(serde_json::from_slice(&rest).map_err(|_| "its answer cannot be read")?)?;
        } else {
            self.take(&rest)?;
        }
        let text = self.text.trim().to_owned();
        if text.is_empty() {
            return Err("its answer is empty".to_owned());
        }
        Ok(Written { text, tokens: self.tokens })
    }
}

/// What a refusal says of itself, as far as it can be read; never more than a line.
pub(super) fn reason(body: &[u8]) -> String {
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(it) => said(it.get("error").unwrap_or(&it)),
        Err(_) => domain::text::line_lossy(&String::from_utf8_lossy(body), 200),
    }
}

fn said(error: &serde_json::Value) -> String {
    let message = error.get("message").unwrap_or(error);
    let text = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
    domain::text::line_lossy(&text, 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\r\n\r\n\
        : still there\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"Hé\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"llo\"}}]}\n\n\
        data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}\n\n\
        data: [DONE]\n\n";

    #[test]
    fn a_stream_is_read_however_it_is_cut() {
        for size in [1, 2, 7, 1_000] {
            let mut stream = Stream::default();
            for piece in STREAM.as_bytes().chunks(size) {
                stream.feed(piece).unwrap();
            }
            assert!(stream.is_over());
            let tokens = Some(Tokens { prompt: 7, completion: 2 });
            let want = Written { text: "Héllo".to_owned(), tokens };
            assert_eq!(stream.finish(), Ok(want), "{size}");
        }
    }

    #[test]
    fn an_answer_in_one_piece_is_understood_too() {
        let mut stream = Stream::default();
        stream.feed(br#"{"choices":[{"message":{"content":"Hello"}}]}"#).unwrap();
        assert_eq!(stream.finish(), Ok(Written { text: "Hello".to_owned(), tokens: None }));
    }

    #[test]
    fn what_is_no_answer_is_said() {
        let cases: [(&[u8], &str); 4] = [
            (b"", "its answer is empty"),
            (b"data: {oops\n", "its answer cannot be read"),
            (b"data: {\"error\":{\"message\":\"overloaded\"}}\n", "overloaded"),
            (b"data: {\"choices\":[{\"delta\":{}}]}\n\ndata: [DONE]\n", "its answer is empty"),
        ];
        for (bytes, want) in cases {
            let mut stream = Stream::default();
            let got = stream.feed(bytes).and_then(|()| stream.finish());
            assert_eq!(got, Err(want.to_owned()));
        }
        let mut stream = Stream::default();
        let endless = (0..30).try_for_each(|_| stream.feed(&vec![b'x'; 64 * 1024]));
        assert!(endless.is_err());
    }

    #[test]
    fn a_refusal_is_one_line() {
        let said = reason(br#"{"error": {"message": "bad\nkey"}}"#);
        assert_eq!(said, "bad key");
        assert_eq!(reason(b"<html>\n503"), "<html> 503");
    }
}
