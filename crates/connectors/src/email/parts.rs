//! The MIME tree (RFC 2045, 2046). Walked here rather than by the parser library, because the limits
//! must hold while reading: a library that nests a million attached messages overflows the stack.

use mail_parser::{
    ContentType, Header, HeaderName, HeaderValue, MessageParser, parsers::MessageStream,
};

use super::{attachments, decode, parse::Unreadable};

pub const MAX_DEPTH: usize = 20;
pub const MAX_PARTS: usize = 500;

/// One part. An attached message stays bytes.
pub struct Part<'x> {
    pub headers: Vec<Header<'x>>,
    /// Headers and body.
    pub raw: &'x [u8],
    pub body: &'x [u8],
    /// `type/subtype`, lower case.
    pub mime_type: String,
    /// Empty for a leaf.
    pub children: Vec<Part<'x>>,
}

/// Reads a message with all its parts.
pub fn read(raw: &[u8]) -> Result<Part<'_>, Unreadable> {
    let mut left = MAX_PARTS;
    part(raw, 0, "text/plain", &mut left)
}

impl Part<'_> {
    pub fn parameter(&self, name: &str) -> Option<&str> {
        content_type(&self.headers, &HeaderName::ContentType)?.attribute(name)
    }

    /// The name the sender gave to a file.
    pub fn file_name(&self) -> Option<&str> {
        content_type(&self.headers, &HeaderName::ContentDisposition)
            .and_then(|it| it.attribute("filename"))
            .or_else(|| self.parameter("name"))
    }

    pub fn disposition(&self) -> Option<&str> {
        content_type(&self.headers, &HeaderName::ContentDisposition).map(|it| it.c_type.as_ref())
    }

    /// The body without its transfer encoding.
    pub fn bytes(&self) -> Vec<u8> {
        decode::transfer(&self.encoding(), self.body)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        decode::charset(self.parameter("charset"), &self.bytes())
    }

    fn encoding(&self) -> String {
        super::headers::texts(self.raw, &self.headers, "Content-Transfer-Encoding")
            .next()
            .unwrap_or_default()
    }
}

fn part<'x>(
    raw: &'x [u8],
    depth: usize,
    default_type: &str,
    left: &mut usize,
) -> Result<Part<'x>, Unreadable> {
    if depth > MAX_DEPTH {
        return Err(Unreadable::TooDeep);
    }
    *left = left.checked_sub(1).ok_or(Unreadable::TooManyParts)?;
    let mut headers = Vec::new();
    let mut stream = MessageStream::new(raw);
    stream.parse_headers(&MessageParser::new(), &mut headers);
    let mut body = &raw[stream.offset()..];
    if headers.is_empty() && body.is_empty() {
        // A part of text without the empty line that would end its headers.
        body = raw;
    }
    let declared = content_type(&headers, &HeaderName::ContentType);
    let mime_type = match declared {
        Some(it) => attachments::mime_type(&it.c_type, it.c_subtype.as_deref().unwrap_or("plain")),
        None => default_type.to_owned(),
    };
    let boundary = declared.and_then(|it| it.attribute("boundary")).unwrap_or_default().trim_end();
    let mut children = Vec::new();
    if mime_type.starts_with("multipart/") && !boundary.is_empty() {
        let child_type =
            if mime_type == "multipart/digest" { "message/rfc822" } else { "text/plain" };
        for slice in Pieces::new(body, boundary) {
            children.push(part(slice, depth + 1, child_type, left)?);
        }
    }
    // Without its boundary, a multipart is text that a person can still read.
    let mime_type = match mime_type.starts_with("multipart/") && children.is_empty() {
        true => "text/plain".to_owned(),
        false => mime_type,
    };
    Ok(Part { headers, raw, body, mime_type, children })
}

fn content_type<'h, 'x>(
    headers: &'h [Header<'x>],
    name: &HeaderName<'_>,
) -> Option<&'h ContentType<'x>> {
    headers.iter().filter(|it| it.name == *name).find_map(|it| match &it.value {
        HeaderValue::ContentType(it) => Some(it),
        _ => None,
    })
}

/// The bytes between boundary lines; the last may lack its end.
struct Pieces<'x, 'b> {
    body: &'x [u8],
    boundary: &'b [u8],
    at: usize,
    inside: bool,
}

impl<'x, 'b> Pieces<'x, 'b> {
    fn new(body: &'x [u8], boundary: &'b str) -> Self {
        Self { body, boundary: boundary.as_bytes(), at: 0, inside: false }
    }

    /// `Some(last)` when the line is our boundary. One that only starts alike belongs to another part.
    fn is_boundary(&self, line: &[u8]) -> Option<bool> {
        let rest = line.strip_prefix(b"--")?.strip_prefix(self.boundary)?.trim_ascii_end();
        match rest {
            b"" => Some(false),
            b"--" => Some(true),
            _ => None,
        }
    }
}

impl<'x> Iterator for Pieces<'x, '_> {
    type Item = &'x [u8];

    fn next(&mut self) -> Option<&'x [u8]> {
        let mut start = self.at;
        while self.at < self.body.len() {
            let rest = &self.body[self.at..];
            let length = rest.iter().position(|it| *it == b'\n').map_or(rest.len(), |it| it + 1);
            let line_start = self.at;
            self.at += length;
            let Some(last) = self.is_boundary(&rest[..length]) else { continue };
            let found = self.inside.then(|| without_line_end(&self.body[start..line_start]));
            self.inside = !last;
            if last {
                self.at = self.body.len();
            }
            match found {
                Some(piece) => return Some(piece),
                None => start = self.at,
            }
        }
        if std::mem::take(&mut self.inside) && start < self.body.len() {
            return Some(&self.body[start..]);
        }
        None
    }
}

/// The line end before a boundary belongs to the boundary (RFC 2046 §5.1.1).
fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_are_whole_lines() {
        let cases: [(&str, &[&str]); 7] = [
            ("pre\n--b\nA: 1\n\none\n--b\n\ntwo\n--b--\nepilogue", &["A: 1\n\none", "\ntwo"]),
            ("--b\r\n\r\none\r\n--b--\r\n--b\r\nno", &["\r\none"]),
            ("--b\n\none\n--bb\nstill\n--b-x\nstill\n--b--", &["\none\n--bb\nstill\n--b-x\nstill"]),
            ("--b \n\none", &["\none"]),
            ("--b\n--b\n--b--", &["", ""]),
            ("nothing", &[]),
            ("", &[]),
        ];
        for (body, want) in cases {
            let got: Vec<_> = Pieces::new(body.as_bytes(), "b")
                .map(|it| std::str::from_utf8(it).unwrap())
                .collect();
            assert_eq!(got, want, "{body:?}");
        }
    }
}
