//! Marks that lead an answer to its conversation, and our own mail back to us: short, and signed, so
//! that nobody can make one for a thread they were never part of.

use domain::{
    conversations::Conversation,
    ids::{ChannelId, ConversationId},
};
use subtle::ConstantTimeEq;

use crate::keys::{Keys, Purpose};

/// Bytes of a signature that go into a mark: 80 bits, 16 letters.
const MARK_BYTES: usize = 10;

/// For the plus-address of an outgoing mail: `1042-abcdefghijklmnop`. Lower case, as addresses are.
pub fn reply_token(keys: &Keys, conversation: &Conversation) -> String {
    token(keys, Purpose::ReplyAddress, conversation.number, conversation.id)
}

/// For the reference in the body of an outgoing mail.
pub fn body_token(keys: &Keys, conversation: &Conversation) -> String {
    token(keys, Purpose::BodyMarker, conversation.number, conversation.id)
}

/// For [`connectors::email::headers::LOOP_HEADER`] of everything a channel sends.
pub fn loop_header(keys: &Keys, channel: ChannelId) -> String {
    with_channel(channel, &keys.sign(Purpose::MailLoop, &[channel.0.as_bytes()]))
}

/// The number of the conversation a token claims to lead to. [`leads_to`] says whether it does.
pub fn number_in(token: &str) -> Option<i64> {
    let (number, _) = token.split_once('-')?;
    number.parse().ok().filter(|it| *it > 0)
}

/// Whether we made this token, for this purpose and this conversation.
pub fn leads_to(keys: &Keys, purpose: Purpose, token: &str, conversation: &Conversation) -> bool {
    let ours = |signature: [u8; 32]| with_number(conversation.number, &signature);
    let known = keys.signatures(purpose, &[conversation.id.0.as_bytes()]);
    known.into_iter().map(ours).any(|it| it.as_bytes().ct_eq(token.as_bytes()).into())
}

/// Whether one of our channels wrote this header.
pub fn is_our_loop(keys: &Keys, value: &str) -> bool {
    // A UUID is 36 characters long.
    let Some(channel) = value.get(..36).and_then(|it| it.parse().ok()) else { return false };
    let channel = ChannelId(channel);
    let known = keys.signatures(Purpose::MailLoop, &[channel.0.as_bytes()]);
    known.iter().any(|it| with_channel(channel, it).as_bytes().ct_eq(value.as_bytes()).into())
}

fn token(keys: &Keys, purpose: Purpose, number: i64, id: ConversationId) -> String {
    with_number(number, &keys.sign(purpose, &[id.0.as_bytes()]))
}

fn with_number(number: i64, signature: &[u8; 32]) -> String {
    format!("{number}-{}", base32(&signature[..MARK_BYTES]))
}

fn with_channel(channel: ChannelId, signature: &[u8; 32]) -> String {
    format!("{channel}-{}", base32(&signature[..MARK_BYTES]))
}

/// RFC 4648 §6 in lower case; the length is a multiple of five, so nothing is padded.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks_exact(5) {
        let bits = chunk.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        for position in (0..8).rev() {
            let index = (bits >> (position * 5)) & 31;
            out.push(char::from(ALPHABET[index as usize]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use connectors::email::marker;
    use domain::{Timestamp, addresses::EmailAddress, channels::ChannelType, ids::ContactId};

    use super::*;

    fn conversation(number: i64) -> Conversation {
        let channel = (ChannelId::new(), ChannelType::Email);
        let (id, contact) = (ConversationId::new(), ContactId::new());
        let mut it = Conversation::open(id, channel, contact, None, Timestamp(0));
        it.number = number;
        it
    }

    #[test]
    fn base32_is_that_of_the_rfc() {
        assert_eq!(base32(b"fooba"), "mzxw6ytb");
        assert_eq!(base32(&[0xff; 10]), "7777777777777777");
    }

    #[test]
    fn a_token_leads_to_its_conversation_alone() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path(), false).unwrap();
        let (it, other) = (conversation(1042), conversation(1042));
        let token = body_token(&keys, &it);
        assert_eq!(number_in(&token), Some(1042));
        assert!(leads_to(&keys, Purpose::BodyMarker, &token, &it));
        let forged = [
            (Purpose::BodyMarker, token.as_str(), &other),
            (Purpose::ReplyAddress, token.as_str(), &it),
            (Purpose::BodyMarker, &token[..token.len() - 1], &it),
            (Purpose::BodyMarker, "1042-", &it),
            (Purpose::BodyMarker, "1042", &it),
            (Purpose::BodyMarker, "", &it),
        ];
        for (purpose, token, conversation) in forged {
            assert!(!leads_to(&keys, purpose, token, conversation), "{token}");
        }
        for odd in ["", "-", "-5-x", "0-x", "99999999999999999999-x", "abc"] {
            assert_eq!(number_in(odd), None, "{odd}");
        }
    }

    #[test]
    fn tokens_survive_the_address_and_the_body_they_stand_in() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path(), false).unwrap();
        let it = conversation(7);
        let ours = EmailAddress::parse("desk@example.com").unwrap();
        let address = marker::reply_address(&ours, &reply_token(&keys, &it)).unwrap();
        let found = marker::reply_token(&address, &ours).unwrap();
        assert!(leads_to(&keys, Purpose::ReplyAddress, &found, &it));
        let body = format!("> {}", marker::body(&body_token(&keys, &it)));
        let found = marker::find(&body, None).unwrap();
        assert!(leads_to(&keys, Purpose::BodyMarker, &found, &it));
    }

    #[test]
    fn only_our_own_loop_header_counts() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path(), false).unwrap();
        let header = loop_header(&keys, ChannelId::new());
        assert!(is_our_loop(&keys, &header));
        let other = format!("{}{}", ChannelId::new(), &header[36..]);
        for forged in ["", "é", &header[..36], &header[..header.len() - 1], &other] {
            assert!(!is_our_loop(&keys, forged), "{forged}");
        }
    }
}
