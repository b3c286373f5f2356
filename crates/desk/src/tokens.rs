//! Random tokens of sessions and links: told once, stored as a hash.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// 256 random bits in URL-safe Base64. Prints as `[secret]`; only [`Token::reveal`] tells it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// The SHA-256 of a token: what is stored and looked up.
pub type TokenHash = [u8; 32];

const TOKEN_LENGTH: usize = 43;

impl Token {
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the system gave random numbers at the start");
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Only what could be a token: an empty or odd string never reaches a lookup.
    pub fn parse(text: &str) -> Option<Self> {
        let plausible = text.len() == TOKEN_LENGTH
            && text.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'));
        plausible.then(|| Self(text.to_owned()))
    }

    pub fn hash(&self) -> TokenHash {
        digest(&[self.0.as_bytes()])
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// An API key: `dbk_`, eight characters it is known by, and 256 random bits. The marks in front let
/// people and scanners tell what leaked. Prints as `[secret]`.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyToken(String);

impl KeyToken {
    const MARK: &str = "dbk_";
    const NAME_LENGTH: usize = 8;

    pub fn random() -> Self {
        // The name says nothing of the secret behind it.
        let mut bytes = [0; Self::NAME_LENGTH / 2];
        getrandom::fill(&mut bytes).expect("the system gave random numbers at the start");
        let name: String = bytes.iter().map(|it| format!("{it:02x}")).collect();
        Self(format!("{}{name}_{}", Self::MARK, Token::random().reveal()))
    }

    /// Only what could be a key.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, secret) = text.strip_prefix(Self::MARK)?.split_once('_')?;
        let named = name.len() == Self::NAME_LENGTH
            && name.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        (named && Token::parse(secret).is_some()).then(|| Self(text.to_owned()))
    }

    /// The part that may be shown.
    pub fn prefix(&self) -> &str {
        &self.0[..Self::MARK.len() + Self::NAME_LENGTH]
    }

    pub fn hash(&self) -> TokenHash {
        digest(&[self.0.as_bytes()])
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for KeyToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// SHA-256 over `parts`; their borders count.
pub fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_random_and_silent() {
        let token = Token::random();
        assert_ne!(token, Token::random());
        assert_eq!(Token::parse(token.reveal()), Some(token.clone()));
        assert_eq!(format!("{token:?}"), "[secret]");
    }

    #[test]
    fn a_key_is_known_by_its_prefix_and_silent() {
        let key = KeyToken::random();
        assert_ne!(key, KeyToken::random());
        assert_eq!(key.prefix().len(), 12);
        assert!(key.reveal().starts_with(&format!("{}_", key.prefix())));
        assert_eq!(KeyToken::parse(key.reveal()), Some(key.clone()));
        assert_eq!(format!("{key:?}"), "[secret]");
        let secret = Token::random();
        let almost = [
            String::new(),
            secret.reveal().to_owned(),
            key.prefix().to_owned(),
            format!("{}x", key.reveal()),
            format!(" {}", key.reveal()),
            format!("dbk_ABCDEF01_{}", secret.reveal()),
            format!("sk_01234567_{}", secret.reveal()),
        ];
        for bad in almost {
            assert_eq!(KeyToken::parse(&bad), None, "{bad:?}");
        }
    }

    #[test]
    fn degenerate_tokens_are_no_tokens() {
        let long = "a".repeat(10_240);
        let spaced = format!(" {}", "a".repeat(42));
        for bad in ["", " ", "%20", "%", "_", "null", "0", "[]", "{}", &long, &spaced] {
            assert_eq!(Token::parse(bad), None, "{bad:?}");
        }
    }
}
