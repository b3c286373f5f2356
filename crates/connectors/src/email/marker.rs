//! Marks by which an answer finds its conversation when a mail program lost the headers.

use domain::addresses::EmailAddress;

const OPEN: &str = "[ref:";
const MAX_TOKEN: usize = 64;

/// What stands in an outgoing body.
pub fn body(token: &str) -> String {
    format!("{OPEN}{token}]")
}

/// Only tokens of this form are written or found: 4 to 64 letters, digits, `-` or `_`.
pub fn is_token(token: &str) -> bool {
    (4..=MAX_TOKEN).contains(&token.len())
        && token.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_')
}

/// The first token in the text, else in the HTML. Whether we made it is for the caller to check.
pub fn find(text: &str, html: Option<&str>) -> Option<String> {
    first(text).or_else(|| html.and_then(first)).map(|(_, token)| token.to_owned())
}

/// The text with each mark turned into one space. A space, because with nothing in its place the
/// words around a mark could form another.
pub fn hide(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, token)) = first(rest) {
        out.push_str(&rest[..at]);
        out.push(' ');
        rest = &rest[at + OPEN.len() + token.len() + 1..];
    }
    out.push_str(rest);
    out
}

/// `1042` from a subject with `[#1042]`.
pub fn subject_number(subject: &str) -> Option<u64> {
    subject.match_indices("[#").find_map(|(at, open)| {
        let rest = &subject[at + open.len()..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let closed = rest[digits..].starts_with(']');
        ((1..=18).contains(&digits) && closed).then(|| rest[..digits].parse().ok())?
    })
}

/// `TOKEN` from `desk+TOKEN@example.com`, where `desk@example.com` is ours. Addresses are kept in lower
/// case, and so is the token.
pub fn reply_token(to: &EmailAddress, ours: &EmailAddress) -> Option<String> {
    let (local, token) = to.local().split_once('+')?;
    let same = local == ours.local() && to.domain() == ours.domain();
    (same && is_token(token)).then(|| token.to_owned())
}

/// The address that answers should go to so that [`reply_token`] finds the token. None where it would
/// be no valid address.
pub fn reply_address(ours: &EmailAddress, token: &str) -> Option<EmailAddress> {
    let address = format!("{}+{}@{}", ours.local(), token, ours.domain());
    is_token(token).then(|| EmailAddress::parse(&address).ok())?
}

fn first(text: &str) -> Option<(usize, &str)> {
    let mut from = 0;
    while let Some(at) = text[from..].find(OPEN).map(|it| it + from) {
        let rest = &text[at + OPEN.len()..];
        let end = rest.bytes().take(MAX_TOKEN + 1).position(|it| it == b']');
        if let Some(end) = end
            && is_token(&rest[..end])
        {
            return Some((at, &rest[..end]));
        }
        from = at + OPEN.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_in_text_first() {
        let cases = [
            ("old [ref:AbC-12_x] end", None, Some("AbC-12_x")),
            ("[ref:] [ref:a b c d] [ref:good1] [ref:other]", None, Some("good1")),
            ("none", Some("<span>[ref:html1]</span>"), Some("html1")),
            ("[ref:[ref:inner]", None, Some("inner")),
            ("[ref:abc", None, None),
            ("", None, None),
        ];
        for (text, html, want) in cases {
            assert_eq!(find(text, html).as_deref(), want, "{text}");
        }
        assert_eq!(find(&body("tok_1"), None).as_deref(), Some("tok_1"));
        assert_eq!(find(&format!("[ref:{}]", "a".repeat(65)), None), None);
        assert_eq!(hide("a[ref:aaaa]b [ref[ref:bbbb]:cccc]"), "a b [ref :cccc]");
    }

    #[test]
    fn numbers_and_reply_addresses_are_found() {
        let numbers = [
            ("Re: [#1042] hi", Some(1042)),
            ("[#] [#12a] [#7]", Some(7)),
            ("#12", None),
            ("[#99999999999999999999]", None),
        ];
        for (subject, want) in numbers {
            assert_eq!(subject_number(subject), want, "{subject}");
        }
        let address = |it: &str| EmailAddress::parse(it).unwrap();
        let ours = address("desk@x.example");
        let to = reply_address(&ours, "tok123").unwrap();
        assert_eq!(reply_token(&to, &ours).as_deref(), Some("tok123"));
        for other in [
            "desk+tok123@y.example",
            "desks+tok123@x.example",
            "desk+@x.example",
            "desk@x.example",
            "desk+a.b.c.d@x.example",
        ] {
            assert_eq!(reply_token(&address(other), &ours), None, "{other}");
        }
    }
}
