//! Who the site says somebody is: its signature (HMAC-SHA256, RFC 2104), checked in constant time.

use domain::{Timestamp, ids::ChannelId, text, visitors::signed_text};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{attachments::links::Link, options::Secret};

const LONGEST_USER_ID: usize = 200;
/// However long a site signs for: what leaked must end at some time.
const MOST_SECONDS: i64 = 90 * 86_400;

/// As a page sent it.
#[derive(Debug, Clone)]
pub struct Identity {
    pub user_id: String,
    /// Not part of what is signed.
    pub name: Option<String>,
    pub email: Option<String>,
    /// Seconds since 1970, UTC.
    pub expires_at: i64,
    /// 64 hex digits.
    pub signature: String,
}

impl Identity {
    /// Until when the signature holds; none when it does not, for whatever reason.
    pub(super) fn valid_until(
        &self,
        channel: ChannelId,
        secret: &Secret,
        now: Timestamp,
    ) -> Option<Timestamp> {
        // One line in its one form: otherwise two texts could mean the same user.
        if text::line(&self.user_id, LONGEST_USER_ID).as_ref() != Ok(&self.user_id) {
            return None;
        }
        let signature = Link::parse_signature(&self.signature)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).ok()?;
        mac.update(signed_text(channel, &self.user_id, self.expires_at).as_bytes());
        mac.verify_slice(&signature).ok()?;
        let until = Timestamp(self.expires_at.checked_mul(1000)?);
        (until > now).then_some(until.min(now.plus_seconds(MOST_SECONDS)))
    }
}

#[cfg(test)]
impl Identity {
    /// As a site's server makes it.
    pub(super) fn signed(
        secret: &Secret,
        channel: ChannelId,
        user_id: &str,
        name: &str,
        expires_at: i64,
    ) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).unwrap();
        mac.update(signed_text(channel, user_id, expires_at).as_bytes());
        let bytes = mac.finalize().into_bytes();
        Self {
            user_id: user_id.to_owned(),
            name: Some(name.to_owned()),
            email: None,
            expires_at,
            signature: bytes.iter().map(|it| format!("{it:02x}")).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_channel_user_and_time_alone() {
        let (channel, now) = (ChannelId::new(), Timestamp(1_000_000));
        let secret = Secret::new("site secret");
        let sign = |channel, user_id: &str, expires_at| {
            Identity::signed(&secret, channel, user_id, "Lee", expires_at).signature
        };
        let good = Identity {
            user_id: "42".to_owned(),
            name: None,
            email: None,
            expires_at: 2_000,
            signature: sign(channel, "42", 2_000),
        };
        assert_eq!(good.valid_until(channel, &secret, now), Some(Timestamp(2_000_000)));
        let (for_ever, most) = (9_000_000_000, now.plus_seconds(MOST_SECONDS));
        let signature = sign(channel, "42", for_ever);
        let long = Identity { expires_at: for_ever, signature, ..good.clone() };
        assert_eq!(long.valid_until(channel, &secret, now), Some(most));
        let cases = [
            Identity { user_id: "43".to_owned(), ..good.clone() },
            Identity { user_id: " 42".to_owned(), ..good.clone() },
            Identity { expires_at: 2_001, ..good.clone() },
            Identity { expires_at: i64::MAX, ..good.clone() },
            Identity { expires_at: 1_000, signature: sign(channel, "42", 1_000), ..good.clone() },
            Identity { signature: sign(ChannelId::new(), "42", 2_000), ..good.clone() },
            Identity { signature: String::new(), ..good.clone() },
            Identity { signature: "0".repeat(64), ..good.clone() },
            Identity {
                user_id: "42\n9".to_owned(),
                signature: sign(channel, "42\n9", 2_000),
                ..good.clone()
            },
        ];
        for it in cases {
            assert_eq!(it.valid_until(channel, &secret, now), None, "{it:?}");
        }
        assert_eq!(good.valid_until(channel, &Secret::new("another"), now), None);
    }
}
