//! Who a mail is from and to, read with more patience than trust.

use domain::addresses::EmailAddress;
use mail_parser::{Addr, Address, Header, HeaderName, HeaderValue};

use super::lines;

/// Longer lists are cut: a mail to 100,000 people is still one mail.
pub const MAX_ADDRESSES: usize = 500;
const MAX_NAME: usize = 200;

/// An address with the name written beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    pub address: EmailAddress,
    /// One line, at most 200 characters, never empty.
    pub name: Option<String>,
}

impl Mailbox {
    pub fn new(address: EmailAddress, name: Option<&str>) -> Self {
        let name = name.map(|it| lines::line(it, MAX_NAME)).filter(|it| !it.is_empty());
        Self { address, name }
    }
}

/// The sender, and whether the mail says so in one unmistakable way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sender {
    pub mailbox: Option<Mailbox>,
    /// More than one `From`, a group, none, one that is no address, or a display name that shows an
    /// address of another domain. Such a mail must not be taken for a known contact's.
    pub ambiguous: bool,
}

/// Reads every `From` header: a parser that takes the first and a server that checks the last can be
/// played against each other.
pub fn sender(headers: &[Header<'_>]) -> Sender {
    let mut fields = headers.iter().filter(|it| it.name == HeaderName::From);
    let Some(first) = fields.next() else {
        return Sender { mailbox: None, ambiguous: true };
    };
    let mut ambiguous = fields.next().is_some();
    let listed: Vec<&Addr<'_>> = match &first.value {
        HeaderValue::Address(Address::List(list)) => list.iter().take(2).collect(),
        HeaderValue::Address(Address::Group(groups)) => {
            ambiguous = true;
            groups.iter().flat_map(|it| &it.addresses).take(1).collect()
        }
        _ => Vec::new(),
    };
    ambiguous |= listed.len() != 1;
    let mailbox = listed.first().and_then(|it| mailbox(it));
    ambiguous |= mailbox.as_ref().is_none_or(shows_another_address);
    Sender { mailbox, ambiguous }
}

/// All addresses under one header name, first come first, without repetition.
pub fn list(headers: &[Header<'_>], name: &HeaderName<'_>) -> Vec<Mailbox> {
    let mut seen = std::collections::HashSet::new();
    headers
        .iter()
        .filter(|it| it.name == *name)
        .filter_map(|it| match &it.value {
            HeaderValue::Address(address) => Some(address.iter()),
            _ => None,
        })
        .flatten()
        .filter_map(mailbox)
        .filter(|it| seen.insert(it.address.clone()))
        .take(MAX_ADDRESSES)
        .collect()
}

fn mailbox(it: &Addr<'_>) -> Option<Mailbox> {
    // `ann@example.com` alone may be read as a name without an address.
    let address = it.address.as_deref().or(it.name.as_deref())?;
    let address = EmailAddress::parse(lines::cut(address, 1000)).ok()?;
    Some(Mailbox::new(address, it.address.as_ref().and(it.name.as_deref())))
}

fn shows_another_address(it: &Mailbox) -> bool {
    let Some(name) = &it.name else { return false };
    name.split(|it: char| it.is_whitespace() || "<>()[]\"',;:".contains(it))
        .filter_map(|it| EmailAddress::parse(it).ok())
        .any(|shown| shown.domain() != it.address.domain())
}

#[cfg(test)]
mod tests {
    use crate::email::parse::parse;

    #[test]
    fn only_one_plain_sender_is_unambiguous() {
        let cases = [
            ("From: Ann <ann@a.example>", false, Some("ann@a.example")),
            ("From: ann@a.example", false, Some("ann@a.example")),
            ("From: \"ann@a.example\" <ann.lee@a.example>", false, Some("ann.lee@a.example")),
            ("From: \"ann@a.example\" <eve@b.example>", true, Some("eve@b.example")),
            ("From: a@a.example\r\nFrom: b@b.example", true, Some("a@a.example")),
            ("From: a@a.example, b@b.example", true, Some("a@a.example")),
            ("From: Team: a@a.example;", true, Some("a@a.example")),
            ("From: Ann", true, None),
            ("From:", true, None),
            ("To: b@b.example", true, None),
        ];
        for (header, ambiguous, address) in cases {
            let mail = parse(format!("{header}\r\nSubject: x\r\n\r\nhi\r\n").as_bytes()).unwrap();
            assert_eq!(mail.ambiguous_from, ambiguous, "{header}");
            assert_eq!(mail.from.as_ref().map(|it| it.address.as_str()), address, "{header}");
        }
    }

    #[test]
    fn lists_are_bounded_and_names_are_one_line() {
        let many: Vec<_> = (0..2000).map(|it| format!("p{it}@x.example")).collect();
        let raw = format!(
            "From: =?utf-8?q?Ann=0D=0ABcc=3A_eve?= <a@x.example>\r\nTo: {}\r\nSubject: x\r\n\r\nhi\r\n",
            many.join(",\r\n ")
        );
        let mail = parse(raw.as_bytes()).unwrap();
        assert_eq!(mail.to.len(), super::MAX_ADDRESSES);
        assert_eq!(mail.from.unwrap().name.unwrap(), "Ann Bcc: eve");
    }
}
