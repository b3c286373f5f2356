//! Knowing the same mail again: in another folder, after a mailbox was renumbered, or delivered twice.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// What a sender wrote. The headers that servers add on the way (`Received`, `Delivered-To`, …) differ
/// from copy to copy.
const WRITTEN: [&str; 12] = [
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "content-type",
    "content-transfer-encoding",
];

/// Names what a mail is: the SHA-256 over the headers its sender wrote and its body. A Message-ID alone
/// would not do: anybody can send a known one, and then the real mail would be taken for a copy. Without
/// a Message-ID every byte counts.
pub fn content_key(raw: &[u8]) -> String {
    let (headers, body) = split(raw);
    let mut hash = Sha256::new();
    let mut named = false;
    for field in fields(headers) {
        let name = field.split(|it| *it == b':').next().unwrap_or_default().trim_ascii();
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        if WRITTEN.contains(&name.as_str()) {
            named |= name == "message-id";
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
    }
    hash.update(body);
    if !named {
        hash = Sha256::new_with_prefix(raw);
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Headers and body; a mail without an empty line is all headers.
pub(super) fn split(raw: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    for line in raw.split_inclusive(|it| *it == b'\n') {
        if line.trim_ascii().is_empty() {
            break;
        }
        at += line.len();
    }
    raw.split_at(at)
}

/// Each header with the lines it goes on in.
pub(super) fn fields(headers: &[u8]) -> Vec<&[u8]> {
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    for line in headers.split_inclusive(|it| *it == b'\n') {
        if starts.is_empty() || !matches!(line.first(), Some(b' ' | b'\t')) {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([headers.len()]);
    starts.iter().zip(ends).map(|(start, end)| headers[*start..end].trim_ascii_end()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_the_same_and_anything_a_sender_changes_is_not() {
        let mail = "Received: one\r\nFrom: a@x.example\r\nSubject: hi\r\n there\r\n\
            Message-ID: <1@x.example>\r\n\r\nHello\r\n";
        let key = content_key(mail.as_bytes());
        assert_eq!(key.len(), 64);
        let copy = mail.replace("Received: one", "Delivered-To: desk@y.example\r\nReceived: two");
        assert_eq!(content_key(copy.as_bytes()), key);
        for (from, to) in [("a@x", "b@x"), (" there", " here"), ("<1@", "<2@"), ("Hello", "Bye")] {
            let other = mail.replace(from, to);
            assert_ne!(content_key(other.as_bytes()), key, "{from}");
        }
    }

    #[test]
    fn without_a_message_id_every_byte_counts() {
        let mail = "Received: one\r\nFrom: a@x.example\r\n\r\nHello\r\n";
        let copy = mail.replace("one", "two");
        assert_ne!(content_key(mail.as_bytes()), content_key(copy.as_bytes()));
        assert_eq!(content_key(mail.as_bytes()), content_key(mail.as_bytes()));
        for odd in ["", "\n", "\r\n\r\n", ":", " folded first\nx: y", "no colon"] {
            assert_eq!(content_key(odd.as_bytes()).len(), 64);
        }
    }
}
