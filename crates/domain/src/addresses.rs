//! An e-mail address as people use it: `local@domain`.

/// Lower case throughout. RFC 5321 lets a server tell `Ann@` from `ann@`; none that matters does,
/// and people write their own address in both forms.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address such as ann@example.com")]
pub struct NotAnAddress;

impl EmailAddress {
    /// RFC 5321 limits: 64 bytes before the `@`, 254 in all. Quoted local parts and address
    /// literals are refused; no customer has one.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnAddress)?;
        let local_ok = !local.is_empty()
            && local.len() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(local_char);
        if local_ok && text.len() <= 254 && domain_ok(domain) {
            return Ok(Self(text));
        }
        Err(NotAnAddress)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl std::fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for EmailAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        Self::parse(text)
    }
}

/// RFC 5322 `atext`, the dot, and any letter or digit beyond ASCII (RFC 6531).
fn local_char(it: char) -> bool {
    it.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(it)
}

fn domain_ok(domain: &str) -> bool {
    let label_ok = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|it| it.is_alphanumeric() || it == '-')
    };
    !domain.is_empty() && domain.split('.').all(label_ok)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accepts_what_people_have_and_refuses_the_rest() {
        for good in
            ["ann@example.com", " Ann.Lee+desk@Example.COM ", "x@localhost", "jörg@müller.de"]
        {
            assert!(EmailAddress::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "@",
            "a@",
            "@b",
            "a b@c.d",
            "a@b..c",
            ".a@b.c",
            "a..b@c.d",
            "a@-b.c",
            "a@b.c\r\nBcc: x@y.z",
            "\"a b\"@c.d",
            "a@[127.0.0.1]",
            "a\u{0}@b.c",
            "<a@b.c>",
            "a,b@c.d",
        ] {
            assert!(EmailAddress::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(EmailAddress::parse("Ann@Example.com").unwrap().as_str(), "ann@example.com");
    }

    proptest! {
        #[test]
        fn never_panics_and_an_accepted_address_parses_to_itself(text in ".{0,80}") {
            if let Ok(it) = EmailAddress::parse(&text) {
                prop_assert_eq!(EmailAddress::parse(it.as_str()), Ok(it.clone()));
                prop_assert!(!it.as_str().contains(char::is_control));
                prop_assert!(!it.as_str().contains(char::is_whitespace));
            }
        }
    }
}
