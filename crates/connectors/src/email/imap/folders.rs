//! Folders and their names, which travel in a UTF-7 of IMAP's own (RFC 3501 §5.1.3).

use async_imap::imap_proto::{MailboxDatum, NameAttribute, Response};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// More folders than anyone reads in a list.
const MOST: usize = 10_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// As people see it.
    pub name: String,
    /// False for one that only holds other folders.
    pub selectable: bool,
    /// What the server uses it for (RFC 6154): `sent`, `junk`, `trash`, `drafts`, `archive` or `all`.
    pub purpose: Option<&'static str>,
}

pub(super) fn collect(folders: &mut Vec<Folder>, response: &Response<'_>) {
    let Response::MailboxData(MailboxDatum::List(list)) = response else { return };
    if folders.len() < MOST {
        folders.push(Folder {
            name: decode(&list.name),
            selectable: !list.name_attributes.contains(&NameAttribute::NoSelect),
            purpose: list.name_attributes.iter().find_map(purpose),
        });
    }
}

fn purpose(attribute: &NameAttribute<'_>) -> Option<&'static str> {
    Some(match attribute {
        NameAttribute::Sent => "sent",
        NameAttribute::Junk => "junk",
        NameAttribute::Trash => "trash",
        NameAttribute::Drafts => "drafts",
        NameAttribute::Archive => "archive",
        NameAttribute::All => "all",
        _ => return None,
    })
}

const UTF7: GeneralPurpose = GeneralPurpose::new(
    &alphabet::IMAP_MUTF7,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

pub(super) fn encode(name: &str) -> String {
    let mut out = String::new();
    let mut other = Vec::new();
    let flush = |other: &mut Vec<u8>, out: &mut String| {
        if !other.is_empty() {
            out.push('&');
            out.push_str(&UTF7.encode(&other));
            out.push('-');
            other.clear();
        }
    };
    for letter in name.chars() {
        if matches!(letter, ' '..='~') {
            flush(&mut other, &mut out);
            out.push(letter);
            if letter == '&' {
                out.push('-');
            }
        } else {
            let mut units = [0; 2];
            other.extend(letter.encode_utf16(&mut units).iter().flat_map(|it| it.to_be_bytes()));
        }
    }
    flush(&mut other, &mut out);
    out
}

/// A name that is not valid in that form is shown as it came.
pub(super) fn decode(wire: &str) -> String {
    decode_strictly(wire).unwrap_or_else(|| wire.to_owned())
}

fn decode_strictly(wire: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = wire;
    while let Some((plain, shifted)) = rest.split_once('&') {
        out.push_str(plain);
        let (code, after) = shifted.split_once('-')?;
        if code.is_empty() {
            out.push('&');
        } else {
            let bytes = UTF7.decode(code).ok()?;
            let units: Vec<u16> =
                bytes.chunks_exact(2).map(|it| u16::from_be_bytes([it[0], it[1]])).collect();
            out.push_str(&String::from_utf16(&units).ok()?);
        }
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_travel_there_and_back() {
        let cases = [
            ("INBOX", "INBOX"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("Q&A", "Q&-A"),
            ("台北", "&U,BTFw-"),
            ("mail/日本語/ü", "mail/&ZeVnLIqe-/&APw-"),
            ("📬", "&2D3c7A-"),
        ];
        for (name, wire) in cases {
            assert_eq!(encode(name), wire);
            assert_eq!(decode(wire), name);
        }
        for broken in ["&", "&!!-", "a&U,BTFw"] {
            assert_eq!(decode(broken), broken);
        }
    }
}
