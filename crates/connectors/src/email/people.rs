//! Whom a raw mail names in its headers, also one that cannot be read otherwise.

use std::collections::BTreeMap;

use domain::addresses::EmailAddress;

use super::fingerprint::{fields, split};

/// Bytes of headers looked at.
const MAX_HEADERS: usize = 256 * 1024;
/// A mail to 100,000 people is still one mail.
const MAX_PEOPLE: usize = 200;

const WRITERS: [&str; 5] = ["from", "sender", "reply-to", "return-path", "resent-from"];
const RECEIVERS: [&str; 5] = ["to", "cc", "bcc", "resent-to", "x-failed-recipients"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub address: EmailAddress,
    /// Whether the mail is from them; else it went to them.
    pub wrote: bool,
}

/// Everything that looks like an address in a header that holds addresses, each once.
pub fn people(raw: &[u8]) -> Vec<Person> {
    let (headers, _) = split(&raw[..raw.len().min(MAX_HEADERS)]);
    let mut found = BTreeMap::new();
    for (name, value) in fields(headers).into_iter().filter_map(named) {
        let wrote = WRITERS.contains(&name.as_str());
        if !wrote && !RECEIVERS.contains(&name.as_str()) {
            continue;
        }
        for address in addresses(&value) {
            if found.len() < MAX_PEOPLE || found.contains_key(&address) {
                *found.entry(address).or_insert(false) |= wrote;
            }
        }
    }
    found.into_iter().map(|(address, wrote)| Person { address, wrote }).collect()
}

fn named(field: &[u8]) -> Option<(String, String)> {
    let at = field.iter().position(|it| *it == b':')?;
    let name = String::from_utf8_lossy(field[..at].trim_ascii()).to_ascii_lowercase();
    Some((name, String::from_utf8_lossy(&field[at + 1..]).into_owned()))
}

fn addresses(value: &str) -> impl Iterator<Item = EmailAddress> {
    value
        .split(|it: char| it.is_whitespace() || it.is_control() || "<>()[]\"',;:".contains(it))
        .filter(|it| it.contains('@'))
        .filter_map(|it| EmailAddress::parse(it).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(raw: &str) -> Vec<(String, bool)> {
        people(raw.as_bytes()).into_iter().map(|it| (it.address.to_string(), it.wrote)).collect()
    }

    #[test]
    fn writers_and_receivers_are_told_apart() {
        let raw = "Received: from x (y@z.example)\r\nFrom: \"Ann, Lee\" <Ann@A.example>\r\n\
            To: desk@example.com,\r\n bob@b.example (Bob)\r\nCC: Team:eve@c.example;\r\n\
            Reply-To: ann@a.example\r\nMessage-ID: <1@ids.example>\r\n\r\nTo: body@x.example\r\n";
        let want = [
            ("ann@a.example", true),
            ("bob@b.example", false),
            ("desk@example.com", false),
            ("eve@c.example", false),
        ];
        assert_eq!(found(raw), want.map(|(address, wrote)| (address.to_owned(), wrote)));
    }

    #[test]
    fn odd_and_endless_headers_are_bounded() {
        for odd in ["", "From", "From:", ": x@y.example", "From: @", "To: \u{0}a@b@c", "\n\n"] {
            assert_eq!(found(odd), [], "{odd:?}");
        }
        let many: String = (0..20_000).map(|it| format!("p{it}@x.example, ")).collect();
        assert_eq!(found(&format!("To: {many}")).len(), MAX_PEOPLE);
    }
}
