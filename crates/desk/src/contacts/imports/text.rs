//! A file as text, read piece by piece: UTF-8 with line feeds alone, whatever it came as.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding};

/// Bytes decoded at a time.
const PIECE: usize = 16 * 1024;

/// Why a file is no text of the encoding it was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Odd {
    #[error("is not of this encoding")]
    NotThisEncoding,
    #[error("has NUL characters; save it as CSV in UTF-8")]
    Nul,
}

impl Odd {
    /// What the text refused, if it was the text that failed.
    pub(super) fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

/// Reads decoded text. Every line ends with a line feed, the last one, too, so that lines can be
/// counted by those in them.
pub(super) struct Text<R> {
    raw: R,
    decoder: Decoder,
    /// Whether what does not fit the encoding ends the reading.
    strict: bool,
    piece: Box<[u8]>,
    decoded: String,
    /// Bytes of `decoded` that were read.
    read: usize,
    after_return: bool,
    ends_line: bool,
    is_over: bool,
}

impl<R: Read> Text<R> {
    pub(super) fn new(raw: R, encoding: &'static Encoding, strict: bool) -> Self {
        Self {
            raw,
            decoder: encoding.new_decoder_without_bom_handling(),
            strict,
            piece: vec![0; PIECE].into(),
            decoded: String::new(),
            read: 0,
            after_return: false,
            ends_line: true,
            is_over: false,
        }
    }

    fn decode_more(&mut self) -> io::Result<()> {
        self.read = 0;
        self.decoded.clear();
        let count = self.raw.read(&mut self.piece)?;
        let bytes = self.piece.get(..count).unwrap_or_default();
        let room = self.decoder.max_utf8_buffer_length(count).unwrap_or(4 * PIECE);
        let mut text = String::with_capacity(room);
        let (result, taken, odd) = self.decoder.decode_to_string(bytes, &mut text, count == 0);
        if odd && self.strict {
            return Err(io::Error::other(Odd::NotThisEncoding));
        }
        if result != CoderResult::InputEmpty || taken != count {
            return Err(io::Error::other("a decoder asked for more room than it said"));
        }
        if text.contains('\0') {
            return Err(io::Error::other(Odd::Nul));
        }
        for it in text.chars() {
            match it {
                '\n' if self.after_return => {}
                '\r' => self.decoded.push('\n'),
                other => self.decoded.push(other),
            }
            self.after_return = it == '\r';
        }
        if let Some(last) = self.decoded.chars().next_back() {
            self.ends_line = last == '\n';
        }
        if count == 0 {
            self.is_over = true;
            if !self.ends_line {
                self.decoded.push('\n');
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.read == self.decoded.len() && !self.is_over {
            self.decode_more()?;
        }
        let left = self.decoded.as_bytes().get(self.read..).unwrap_or_default();
        let count = left.len().min(into.len());
        let (Some(to), Some(from)) = (into.get_mut(..count), left.get(..count)) else {
            return Ok(0);
        };
        to.copy_from_slice(from);
        self.read += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_8, WINDOWS_1252};

    use super::*;

    /// Gives one byte at a time, so that every character and line end is cut somewhere.
    struct Slowly<'a>(&'a [u8]);

    impl Read for Slowly<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let (Some((first, rest)), Some(to)) = (self.0.split_first(), into.first_mut()) else {
                return Ok(0);
            };
            *to = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn read(bytes: &[u8], encoding: &'static Encoding) -> Result<String, Option<Odd>> {
        let mut text = String::new();
        let whole = Text::new(Slowly(bytes), encoding, true).read_to_string(&mut text);
        whole.map(|_| text).map_err(|error| Odd::of(&error))
    }

    #[test]
    fn lines_end_alike_and_characters_stay_whole() {
        let cases: [(&[u8], &'static Encoding, &str); 5] = [
            ("a\r\nJosé\rb\n\r\n日本".as_bytes(), UTF_8, "a\nJosé\nb\n\n日本\n"),
            (b"", UTF_8, ""),
            (b"a\r", UTF_8, "a\n"),
            (b"Jos\xe9 \x80", WINDOWS_1252, "José €\n"),
            (b"a\n", UTF_8, "a\n"),
        ];
        for (bytes, encoding, want) in cases {
            assert_eq!(read(bytes, encoding).as_deref(), Ok(want), "{bytes:?}");
        }
        assert_eq!(read(b"Jos\xe9!", UTF_8), Err(Some(Odd::NotThisEncoding)));
        assert_eq!(read(b"Jos\xc3", UTF_8), Err(Some(Odd::NotThisEncoding)));
        assert_eq!(read(b"a\0b", UTF_8), Err(Some(Odd::Nul)));
    }
}
