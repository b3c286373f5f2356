//! A browser becomes a visitor: anonymous by a random token, or somebody the site has signed for.

use domain::{
    Timestamp,
    ids::{ChannelId, ConversationId, VisitorId},
    policy::Denied,
    text,
    visitors::{IDENTITY_SECRET, Visitor},
};
use storage::{
    Reader, Tx,
    visitors::{self as stored, Known, chats},
};

use super::{Identity, chats_of, find_site, latest};
use crate::{Desk, Result, options::Secret, secrets, tokens::Token};

/// A token that is not used for so long is over.
const LIFETIME_SECONDS: i64 = 90 * 86_400;
/// A token is renewed at most once in this time, or every look would be a write.
const RENEW_SECONDS: i64 = 86_400;
/// Browsers of one signed user; the oldest go.
const MOST_TOKENS: u32 = 20;
const LONGEST_NAME: usize = 200;
const LONGEST_EMAIL: usize = 254;
/// Unread messages are counted up to this.
const MOST_COUNTED: u32 = 100;

/// Who a browser is from now on.
#[derive(Debug, Clone)]
pub struct Session {
    pub token: Token,
    /// Whether the token was made just now.
    pub is_new: bool,
    pub expires_at: Timestamp,
    pub visitor: Visitor,
    pub is_verified: bool,
    /// Messages of the desk they have not read.
    pub unread_count: usize,
    pub conversation: Option<ConversationId>,
}

/// Lets a browser in. The token it had is kept if it is good for who it says it is.
///
/// # Errors
/// `NotSignedIn` for a signature that does not hold, and for none where one is needed.
pub async fn open(
    desk: &Desk,
    channel: ChannelId,
    token: Option<String>,
    identity: Option<Identity>,
) -> Result<Session> {
    let now = desk.clock.now();
    let token = token.as_deref().and_then(Token::parse);
    let keys = desk.keys.clone();
    let (had, site, secret) = (token.clone(), channel, identity.is_some());
    let (known, enforce, secret) = desk
        .store
        .read(move |db| {
            let config = find_site(db, site)?.config;
            let secret = match secret {
                true => secrets::open(db, &keys, site.0, IDENTITY_SECRET)?,
                false => None,
            };
            Ok::<_, crate::DeskError>((
                known(db, site, had.as_ref(), now)?,
                config.enforce_identity,
                secret,
            ))
        })
        .await?;
    let signed = match &identity {
        Some(it) => Some(check(it, channel, secret, now)?),
        None if enforce && known.as_ref().is_none_or(|it| it.signed_until.is_none()) => {
            return Err(Denied::NotSignedIn.into());
        }
        None => None,
    };
    if let (None, Some(known), Some(token)) = (signed, known, &token)
        && known.expires_at.since(now) > (LIFETIME_SECONDS - RENEW_SECONDS) * 1000
    {
        let (token, seq) = (token.clone(), known.visitor.seq);
        let (unread_count, conversation) = desk.store.read(move |db| state(db, seq)).await?;
        return Ok(session(token, false, known, unread_count, conversation));
    }
    let asked = Asked { channel, token, identity, signed };
    desk.store.write(move |tx| enter(tx, asked, now)).await
}

fn check(
    it: &Identity,
    channel: ChannelId,
    secret: Option<Secret>,
    now: Timestamp,
) -> Result<Timestamp> {
    let until = secret.and_then(|secret| it.valid_until(channel, &secret, now));
    Ok(until.ok_or(Denied::NotSignedIn)?)
}

/// The visitor of a token. One whose signature is over is nobody any more.
fn known(
    db: &Reader<'_>,
    channel: ChannelId,
    token: Option<&Token>,
    now: Timestamp,
) -> Result<Option<Known>> {
    let Some(token) = token else { return Ok(None) };
    let found = stored::find_by_token(db, channel, &token.hash(), now)?;
    Ok(found.filter(|it| it.signed_until.is_none_or(|until| until > now)))
}

struct Asked {
    channel: ChannelId,
    token: Option<Token>,
    identity: Option<Identity>,
    signed: Option<Timestamp>,
}

fn enter(tx: &Tx<'_>, asked: Asked, now: Timestamp) -> Result<Session> {
    let known = known(tx, asked.channel, asked.token.as_ref(), now)?;
    let user_id = asked.identity.as_ref().map(|it| it.user_id.as_str());
    let kept = known.filter(|it| match (user_id, it.visitor.user_id.as_deref()) {
        (Some(user), Some(of)) => user == of,
        _ => true,
    });
    let user = match user_id {
        Some(user) => stored::find_by_user(tx, asked.channel, user)?,
        None => None,
    };
    // Who chatted before signing in goes on with that chat, unless they have one already.
    let (mut visitor, kept) = match (user, kept) {
        (Some(user), Some(kept)) if kept.visitor.seq == user.seq => (user, Some(kept)),
        (Some(user), _) => (user, None),
        (None, Some(kept)) => (kept.visitor.clone(), Some(kept)),
        (None, None) => (made(tx, asked.channel, now)?, None),
    };
    if let Some(identity) = &asked.identity {
        describe(&mut visitor, identity);
        stored::update(tx, &visitor)?;
    }
    let signed_until = asked.signed.or(kept.as_ref().and_then(|it| it.signed_until));
    let lifetime = now.plus_seconds(LIFETIME_SECONDS);
    let expires_at = signed_until.map_or(lifetime, |it| it.min(lifetime));
    // Who signs in gets a new token, and the old ones end: others may have seen those before.
    let rises = asked.signed.is_some() && kept.as_ref().is_some_and(|it| it.signed_until.is_none());
    if rises {
        stored::keep_newest_tokens(tx, visitor.seq, 0)?;
    }
    let (token, is_new) = match (asked.token, &kept) {
        (Some(token), Some(_)) if !rises => (token, false),
        _ => (Token::random(), true),
    };
    stored::put_token(tx, visitor.seq, &token.hash(), signed_until, expires_at, now)?;
    stored::keep_newest_tokens(tx, visitor.seq, MOST_TOKENS)?;
    let (unread_count, conversation) = state(tx, visitor.seq)?;
    let known = Known { visitor, signed_until, expires_at };
    Ok(session(token, is_new, known, unread_count, conversation))
}

fn made(tx: &Tx<'_>, channel_id: ChannelId, now: Timestamp) -> Result<Visitor> {
    let mut visitor = Visitor {
        seq: 0,
        id: VisitorId::new(),
        channel_id,
        user_id: None,
        name: None,
        email: None,
        phone: None,
        contact_id: None,
        created_at: now,
    };
    stored::insert(tx, &mut visitor)?;
    Ok(visitor)
}

/// The site signs who they are, not what they are called or where they read mail.
fn describe(visitor: &mut Visitor, identity: &Identity) {
    visitor.user_id = Some(identity.user_id.clone());
    let name = identity.name.as_deref().map(|it| text::line_lossy(it, LONGEST_NAME));
    if let Some(name) = name.filter(|it| !it.is_empty()) {
        visitor.name = Some(name);
    }
    let email = identity.email.as_deref().filter(|it| it.len() <= LONGEST_EMAIL);
    if let Some(Ok(email)) = email.map(domain::addresses::EmailAddress::parse) {
        visitor.email = Some(email.as_str().to_owned());
    }
}

fn session(
    token: Token,
    is_new: bool,
    known: Known,
    unread_count: usize,
    conversation: Option<ConversationId>,
) -> Session {
    Session {
        token,
        is_new,
        expires_at: known.expires_at,
        is_verified: known.signed_until.is_some(),
        visitor: known.visitor,
        unread_count,
        conversation,
    }
}

fn state(db: &Reader<'_>, visitor_seq: i64) -> Result<(usize, Option<ConversationId>)> {
    let chats = chats_of(db, visitor_seq)?;
    let mut unread = 0;
    for it in &chats {
        let (number, read) = (it.conversation.number, it.chat.read_seq);
        unread += chats::left_between(db, number, read, i64::MAX, MOST_COUNTED)?.len();
    }
    Ok((unread.min(MOST_COUNTED as usize), latest(&chats).map(|it| it.conversation.id)))
}
