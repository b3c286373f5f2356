//! Addresses of the envelope.

/// An address fit for the envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// As the caller wrote it.
    pub(super) given: String,
    /// As the server sees it: the domain in its ASCII form.
    pub(super) wire: String,
}

impl Address {
    /// Refuses whatever could end the command early or start another.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let unfit = |it: char| it.is_control() || it.is_whitespace() || matches!(it, '<' | '>');
        let (local, domain) = text.rsplit_once('@')?;
        if local.is_empty() || domain.is_empty() || text.len() > 320 || text.contains(unfit) {
            return None;
        }
        let ascii = if domain.is_ascii() { domain.to_owned() } else { idna(domain)? };
        Some(Self { given: text.to_owned(), wire: format!("{local}@{ascii}") })
    }

    /// The empty sender of automatic mail, to which nothing bounces.
    pub(super) fn nobody() -> Self {
        Self { given: String::new(), wire: String::new() }
    }
}

fn idna(domain: &str) -> Option<String> {
    match url::Host::parse(domain) {
        Ok(url::Host::Domain(ascii)) => Some(ascii),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_cannot_carry_commands() {
        let cases = [
            ("ann@example.com", Some("ann@example.com")),
            ("ann+tag@münchen.example", Some("ann+tag@xn--mnchen-3ya.example")),
            ("ännchen@example.com", Some("ännchen@example.com")),
            ("a\"b@example.com", Some("a\"b@example.com")),
            ("ann@example.com\r\nDATA", None),
            ("ann>@example.com", None),
            ("ann @example.com", None),
            ("ann\0@example.com", None),
            ("@example.com", None),
            ("ann@", None),
            ("ann", None),
        ];
        for (text, want) in cases {
            assert_eq!(Address::parse(text).map(|it| it.wire).as_deref(), want, "{text:?}");
        }
    }
}
