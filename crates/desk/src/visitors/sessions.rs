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
use crate::{Desk, Keys, Result, secrets, tokens::Token};

/// A token that is not used for so long is over.
const LIFETIME_SECONDS: i64 = 90 * 86_400;
/// The same of who never wrote: nothing is lost with them, and anybody can make thousands.
const SILENT_SECONDS: i64 = 7 * 86_400;
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

/// A browser as it comes.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub channel: ChannelId,
    /// The token it had.
    pub token: Option<Token>,
    /// Who the site says they are.
    pub identity: Option<Identity>,
}

/// What is to be done with a browser.
#[derive(Debug)]
pub enum Seen {
    /// It is known, and nothing has changed: a look must not be a write.
    Known(Session),
    /// To be let in with [`enter`].
    Changed(Arrival),
    /// The same; and it is a stranger, for whom a token will be made.
    New(Arrival),
}

/// Looks at who comes.
///
/// # Errors
/// `NotSignedIn` for a signature that does not hold, and for none where one is needed.
pub async fn look(desk: &Desk, arrival: Arrival) -> Result<Seen> {
    let (keys, now) = (desk.keys.clone(), desk.clock.now());
    desk.store
        .read(move |db| {
            let Checked { kept, signed } = check(db, &keys, &arrival, now)?;
            let (Some(kept), Some(token)) = (kept, &arrival.token) else {
                return Ok(Seen::New(arrival));
            };
            if !is_fresh(&kept, arrival.identity.as_ref().zip(signed), now) {
                return Ok(Seen::Changed(arrival));
            }
            let (unread_count, conversation) = state(db, kept.visitor.seq)?;
            Ok(Seen::Known(session(token.clone(), false, kept, unread_count, conversation)))
        })
        .await
}

/// Lets a browser in. The token it had is kept if it is good for who it says it is.
///
/// # Errors
/// As [`look`].
pub async fn enter(desk: &Desk, arrival: Arrival) -> Result<Session> {
    let (keys, now) = (desk.keys.clone(), desk.clock.now());
    desk.store.write(move |tx| let_in(tx, &keys, arrival, now)).await
}

/// Until when a token that is used now is good.
pub(super) fn good_until(
    visitor: &Visitor,
    signed_until: Option<Timestamp>,
    now: Timestamp,
) -> Timestamp {
    let is_silent = visitor.contact_id.is_none() && visitor.user_id.is_none();
    let until = now.plus_seconds(if is_silent { SILENT_SECONDS } else { LIFETIME_SECONDS });
    signed_until.map_or(until, |it| it.min(until))
}

/// What a browser has to show for itself.
struct Checked {
    /// Its token, if that is good for who the site says they are.
    kept: Option<Known>,
    /// Until when the signature that came along holds.
    signed: Option<Timestamp>,
}

fn check(db: &Reader<'_>, keys: &Keys, it: &Arrival, now: Timestamp) -> Result<Checked> {
    let config = find_site(db, it.channel)?.config;
    let known = match &it.token {
        Some(token) => stored::find_by_token(db, it.channel, &token.hash(), now)?,
        None => None,
    };
    // One whose signature is over is nobody any more.
    let known = known.filter(|it| it.signed_until.is_none_or(|until| until > now));
    let Some(identity) = &it.identity else {
        if config.enforce_identity && known.as_ref().is_none_or(|it| it.signed_until.is_none()) {
            return Err(Denied::NotSignedIn.into());
        }
        return Ok(Checked { kept: known, signed: None });
    };
    let secret = secrets::open(db, keys, it.channel.0, IDENTITY_SECRET)?;
    let signed = secret.and_then(|secret| identity.valid_until(it.channel, &secret, now));
    let signed = Some(signed.ok_or(Denied::NotSignedIn)?);
    let kept = known.filter(|known| match &known.visitor.user_id {
        Some(user_id) => *user_id == identity.user_id,
        None => true,
    });
    Ok(Checked { kept, signed })
}

/// Whether nothing would change of a token. Sites sign anew for each page: a signature is taken over
/// once it holds a tenth longer than the one before.
fn is_fresh(known: &Known, identity: Option<(&Identity, Timestamp)>, now: Timestamp) -> bool {
    let good_until = good_until(&known.visitor, known.signed_until, now);
    let is_new_enough = good_until.since(known.expires_at) < RENEW_SECONDS * 1000;
    let Some((identity, until)) = identity else { return is_new_enough };
    let mut described = known.visitor.clone();
    describe(&mut described, identity);
    let holds = known.signed_until.is_some_and(|before| {
        let longer = until.since(before);
        longer >= 0 && longer.saturating_mul(10) <= until.since(now)
    });
    is_new_enough && holds && described == known.visitor
}

fn let_in(tx: &Tx<'_>, keys: &Keys, arrival: Arrival, now: Timestamp) -> Result<Session> {
    // Anew: since the look, the secret may be another one.
    let Checked { kept, signed } = check(tx, keys, &arrival, now)?;
    let Arrival { channel, token, identity } = arrival;
    let user = match &identity {
        Some(it) => stored::find_by_user(tx, channel, &it.user_id)?,
        None => None,
    };
    // Who chatted before signing in goes on with that chat, unless they have one already.
    let (mut visitor, kept) = match (user, kept) {
        (Some(user), Some(kept)) if kept.visitor.seq == user.seq => (user, Some(kept)),
        (Some(user), _) => (user, None),
        (None, Some(kept)) => (kept.visitor.clone(), Some(kept)),
        (None, None) => (made(tx, channel, now)?, None),
    };
    if let Some(identity) = &identity {
        describe(&mut visitor, identity);
        stored::update(tx, &visitor)?;
    }
    let signed_until = signed.or(kept.as_ref().and_then(|it| it.signed_until));
    let expires_at = good_until(&visitor, signed_until, now);
    // Who signs in gets a new token, and the old ones end: others may have seen those before.
    let rises = signed.is_some() && kept.as_ref().is_some_and(|it| it.signed_until.is_none());
    if rises {
        stored::keep_newest_tokens(tx, visitor.seq, 0)?;
    }
    let (token, is_new) = match (token, &kept) {
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
        unread += chats::newest_left(db, number, read, i64::MAX, MOST_COUNTED)?.len();
    }
    Ok((unread.min(MOST_COUNTED as usize), latest(&chats).map(|it| it.conversation.id)))
}
