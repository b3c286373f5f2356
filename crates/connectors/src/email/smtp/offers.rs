//! What an SMTP server can do, as it answers to EHLO.

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Offers {
    pub(super) start_tls: bool,
    pub(super) smtp_utf8: bool,
    pub(super) eight_bit: bool,
    /// Mails above so many bytes are refused; `None` when it does not say.
    pub(super) size: Option<u64>,
    pub(super) announces_size: bool,
    /// In capitals.
    pub(super) auth: Vec<String>,
}

impl Offers {
    /// The first line greets; each other names one extension.
    pub(super) fn read(lines: &[String]) -> Self {
        let mut offers = Self::default();
        for line in lines.iter().skip(1) {
            // Some old servers write `AUTH=LOGIN`.
            let line = line.to_ascii_uppercase().replace("AUTH=", "AUTH ");
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("STARTTLS") => offers.start_tls = true,
                Some("SMTPUTF8") => offers.smtp_utf8 = true,
                Some("8BITMIME") => offers.eight_bit = true,
                Some("SIZE") => {
                    offers.announces_size = true;
                    // Zero means no fixed limit (RFC 1870).
                    offers.size = words.next().and_then(|it| it.parse().ok()).filter(|it| *it > 0);
                }
                Some("AUTH") => offers.auth.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        offers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_read_from_any_case() {
        let lines =
            ["mail.example.com", "size 1000", "STARTTLS", "8bitmime", "auth=LOGIN", "AUTH plain"];
        let lines: Vec<String> = lines.map(str::to_owned).to_vec();
        let want = Offers {
            start_tls: true,
            smtp_utf8: false,
            eight_bit: true,
            size: Some(1000),
            announces_size: true,
            auth: vec!["LOGIN".to_owned(), "PLAIN".to_owned()],
        };
        assert_eq!(Offers::read(&lines), want);
        assert_eq!(
            Offers::read(&["STARTTLS".to_owned()]),
            Offers::default(),
            "the first line only greets"
        );
    }
}
