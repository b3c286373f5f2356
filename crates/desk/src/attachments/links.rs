//! Links to pictures that work without a cookie: a sandboxed frame sends none.

use domain::{
    Timestamp,
    ids::{AgentId, AttachmentId},
};

use crate::{Keys, keys::Purpose};

const SECONDS: i64 = 600;

/// A signed permission for one agent to see one attachment for ten minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub attachment: AttachmentId,
    pub agent: AgentId,
    pub expires_at: Timestamp,
    pub signature: Vec<u8>,
}

impl Link {
    pub fn new(keys: &Keys, attachment: AttachmentId, agent: AgentId, now: Timestamp) -> Self {
        let mut it =
            Self { attachment, agent, expires_at: now.plus_seconds(SECONDS), signature: vec![] };
        let expires_at = it.expires_at.0.to_be_bytes();
        it.signature = keys.sign(Purpose::AttachmentLink, &it.parts(&expires_at)).to_vec();
        it
    }

    /// Whether we made it and it is still good.
    pub fn is_valid(&self, keys: &Keys, now: Timestamp) -> bool {
        let expires_at = self.expires_at.0.to_be_bytes();
        keys.verify(Purpose::AttachmentLink, &self.parts(&expires_at), &self.signature)
            && now < self.expires_at
    }

    /// Its address on this server.
    pub fn path(&self) -> String {
        let signature: String = self.signature.iter().map(|it| format!("{it:02x}")).collect();
        format!(
            "/api/attachments/{}/picture?agent={}&expires={}&signature={signature}",
            self.attachment, self.agent, self.expires_at.0
        )
    }

    /// The signature as it stands in an address.
    pub fn parse_signature(text: &str) -> Option<Vec<u8>> {
        if text.len() != 64 || !text.bytes().all(|it| it.is_ascii_hexdigit()) {
            return None;
        }
        (0..32).map(|at| u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()).collect()
    }

    fn parts<'a>(&'a self, expires_at: &'a [u8; 8]) -> [&'a [u8]; 3] {
        [self.attachment.0.as_bytes(), self.agent.0.as_bytes(), expires_at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_holds_for_what_it_was_made_for_and_ten_minutes() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path(), false).unwrap();
        let now = Timestamp(5_000);
        let link = Link::new(&keys, AttachmentId::new(), AgentId::new(), now);
        assert!(link.is_valid(&keys, now.plus_seconds(599)));
        assert!(!link.is_valid(&keys, now.plus_seconds(600)));
        let forged = [
            Link { attachment: AttachmentId::new(), ..link.clone() },
            Link { agent: AgentId::new(), ..link.clone() },
            Link { expires_at: link.expires_at.plus_seconds(1), ..link.clone() },
            Link { signature: vec![], ..link.clone() },
        ];
        for it in forged {
            assert!(!it.is_valid(&keys, now), "{it:?}");
        }
        let path = link.path();
        let signature = path.rsplit_once('=').unwrap().1;
        assert_eq!(Link::parse_signature(signature), Some(link.signature));
        for bad in ["", "zz", &"g".repeat(64), &"é".repeat(32), &"a".repeat(63)] {
            assert_eq!(Link::parse_signature(bad), None, "{bad}");
        }
    }
}
