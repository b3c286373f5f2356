//! How often visitors may do something: by visitor, by network and by chat, in memory.

use std::{
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use actix_web::{HttpRequest, web::Data};
use desk::tokens::Token;
use domain::ids::ChannelId;

use super::network;
use crate::{
    error::{ApiError, Result},
    limits::Windows,
    server::WebOptions,
};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Deed {
    Look,
    /// A browser nobody knows gets a token. It has none to be counted by.
    Enter,
    Write,
    Upload,
    /// Typing, reading.
    Signal,
    Listen,
}

/// Deeds a minute.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub of_visitor: u32,
    /// An office, or all customers of a mobile provider, may be one network.
    pub of_network: u32,
    pub of_channel: u32,
}

#[derive(Debug, Clone, Copy)]
pub struct Rates {
    pub look: Rate,
    pub enter: Rate,
    pub write: Rate,
    pub upload: Rate,
    pub signal: Rate,
    pub listen: Rate,
    /// What browsers of other sites ask before they send, and what is refused to them, by network.
    pub asked: u32,
}

impl Default for Rates {
    fn default() -> Self {
        let rate = |of_visitor, of_network, of_channel| Rate { of_visitor, of_network, of_channel };
        Self {
            look: rate(120, 1_200, 60_000),
            enter: rate(60, 60, 6_000),
            write: rate(30, 120, 3_000),
            upload: rate(10, 30, 600),
            signal: rate(120, 1_200, 60_000),
            listen: rate(60, 1_200, 60_000),
            asked: 1_200,
        }
    }
}

impl Rates {
    fn of(&self, deed: Deed) -> Rate {
        match deed {
            Deed::Look => self.look,
            Deed::Enter => self.enter,
            Deed::Write => self.write,
            Deed::Upload => self.upload,
            Deed::Signal => self.signal,
            Deed::Listen => self.listen,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Whose {
    Visitor([u8; 32]),
    Network(String),
    Channel(ChannelId),
}

/// Who is counted in a minute: five windows each for forty thousand. Beyond them the limits of the
/// chat hold.
const MOST: usize = 200_000;
/// Counted apart, so that no crowd crowds them out.
const MOST_CHATS: usize = 20_000;

/// Counts of the current minute.
#[derive(Debug)]
pub(crate) struct Visits(Mutex<Counts>);

#[derive(Debug)]
struct Counts {
    people: Windows,
    chats: Windows,
}

impl Default for Visits {
    fn default() -> Self {
        let (people, chats) = (Windows::new(MOST), Windows::new(MOST_CHATS));
        Self(Mutex::new(Counts { people, chats }))
    }
}

impl Visits {
    /// Counts for each of `whose`, in their order, up to the first who is over their limit: they do
    /// not use up everybody's.
    fn count<D: Hash>(&self, deed: D, whose: &[(Whose, u32)], now: Instant) -> Result<()> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nor does a visitor use up their network's.
        for (whose, limit) in whose {
            let known = counts.of(whose).find(&(&deed, whose));
            known.map_or(Ok(()), |it| it.has_room(*limit, now))?;
        }
        for (whose, limit) in whose {
            counts.of(whose).count(&(&deed, whose), now).check(*limit, now)?;
        }
        Ok(())
    }
}

impl Counts {
    fn of(&mut self, whose: &Whose) -> &mut Windows {
        match whose {
            Whose::Channel(_) => &mut self.chats,
            Whose::Visitor(_) | Whose::Network(_) => &mut self.people,
        }
    }
}

/// Counts a request of a visitor.
///
/// # Errors
/// 429 with `Retry-After`.
pub(super) fn count(
    request: &HttpRequest,
    channel: ChannelId,
    token: Option<&Token>,
    deed: Deed,
) -> Result<()> {
    let (visits, rates) = of(request)?;
    let rate = rates.of(deed);
    // First the network: made-up tokens must not fill the table.
    let mut whose = vec![(Whose::Network(network(request)), rate.of_network)];
    whose.extend(token.map(|it| (Whose::Visitor(it.hash()), rate.of_visitor)));
    whose.push((Whose::Channel(channel), rate.of_channel));
    visits.count(deed, &whose, Instant::now())
}

/// Counts what no handler will: a browser that asks before it sends, or a site that may not.
///
/// # Errors
/// As [`count`].
pub(super) fn count_asked(request: &HttpRequest) -> Result<()> {
    let (visits, rates) = of(request)?;
    let whose = [(Whose::Network(network(request)), rates.asked)];
    visits.count("asked", &whose, Instant::now())
}

fn of(request: &HttpRequest) -> Result<(&Visits, &Rates)> {
    let visits = request.app_data::<Data<Visits>>().ok_or(ApiError::Panicked)?;
    let options = request.app_data::<Data<WebOptions>>().ok_or(ApiError::Panicked)?;
    Ok((visits, &options.widget.rates))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::WINDOW;

    #[test]
    fn each_has_a_limit_of_their_own_and_a_minute_forgives() {
        let visits = Visits::default();
        let now = Instant::now();
        let channel = ChannelId::new();
        let ask = |visitor: u8, network: &str, at| {
            let whose = [
                (Whose::Network(network.to_owned()), 5),
                (Whose::Visitor([visitor; 32]), 2),
                (Whose::Channel(channel), 6),
            ];
            visits.count(Deed::Write, &whose, at).is_ok()
        };
        assert!(ask(1, "a", now) && ask(1, "a", now));
        for _ in 0..9 {
            assert!(!ask(1, "a", now), "the visitor");
        }
        assert!(ask(2, "a", now) && ask(2, "a", now), "others of the network go on");
        assert!(ask(3, "a", now));
        assert!(!ask(3, "a", now), "the network");
        assert!(ask(4, "b", now));
        assert!(!ask(5, "c", now), "the chat");
        assert!(ask(1, "a", now + WINDOW));
    }

    #[test]
    fn a_crowd_leaves_nobody_uncounted() {
        let visits = Visits::default();
        let (now, channel) = (Instant::now(), ChannelId::new());
        let ask = |network: String| {
            let whose = [(Whose::Network(network), 2), (Whose::Channel(channel), u32::MAX)];
            visits.count(Deed::Look, &whose, now).is_ok()
        };
        for n in 0..60_000 {
            assert!(ask(format!("network {n}")));
        }
        assert!(ask("another".to_owned()) && ask("another".to_owned()));
        assert!(!ask("another".to_owned()));
    }
}
