//! A phone number in its one comparable form, E.164.

use phonenumber::{Mode, country};

/// E.164 with the leading plus, e.g. `+6281234567890`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    #[error("not a phone number; write it with its country code, such as +62 812 3456 7890")]
    NotANumber,
    #[error("unknown country \"{0}\"; use a two-letter code such as ID")]
    UnknownCountry(String),
}

impl PhoneNumber {
    /// `default_country` (ISO 3166 alpha-2) is used for numbers written without a country code.
    pub fn parse(text: &str, default_country: Option<&str>) -> Result<Self, PhoneError> {
        // Longer than any number with its separators; the parser need not see a whole book.
        if text.len() > 64 {
            return Err(PhoneError::NotANumber);
        }
        let country = default_country.map(parse_country).transpose()?;
        let number =
            phonenumber::parse(country, text.trim()).map_err(|_| PhoneError::NotANumber)?;
        if !phonenumber::is_valid(&number) {
            return Err(PhoneError::NotANumber);
        }
        Ok(Self(number.format().mode(Mode::E164).to_string()))
    }

    /// A number this program wrote itself.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An ISO 3166 alpha-2 code in upper case, if a phone number can have it.
pub fn parse_country(code: &str) -> Result<country::Id, PhoneError> {
    code.trim()
        .to_uppercase()
        .parse()
        .map_err(|_| PhoneError::UnknownCountry(code.chars().take(20).collect()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_number_are_one_number() {
        let cases = [
            ("+62 812-3456-7890", None, Ok("+6281234567890")),
            ("0812 3456 7890", Some("ID"), Ok("+6281234567890")),
            ("(030) 901820", Some("de"), Ok("+4930901820")),
            ("12", Some("DE"), Err(PhoneError::NotANumber)),
            ("call me", Some("DE"), Err(PhoneError::NotANumber)),
            ("0812 3456 7890", None, Err(PhoneError::NotANumber)),
            ("030 901820", Some("XX"), Err(PhoneError::UnknownCountry("XX".into()))),
        ];
        for (text, country, want) in cases {
            let got = PhoneNumber::parse(text, country).map(|it| it.0);
            assert_eq!(got, want.map(str::to_owned), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_a_parsed_number_parses_to_itself(text in "[+()0-9 .x-]{0,24}|.{0,30}") {
            if let Ok(it) = PhoneNumber::parse(&text, Some("ID")) {
                prop_assert_eq!(PhoneNumber::parse(it.as_str(), None), Ok(it));
            }
        }
    }
}
