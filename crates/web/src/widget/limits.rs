//! How often visitors may do something: by visitor, by network and by chat, in memory.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use actix_web::{HttpRequest, web::Data};
use desk::tokens::Token;
use domain::ids::ChannelId;

use super::network;
use crate::{
    error::{ApiError, Result},
    limits::Window,
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

/// Beyond this many, old windows are dropped. A stranger's new one is then not kept: the limits of
/// the chat, which is never dropped, hold meanwhile.
const MOST: usize = 50_000;

/// Counts of the current minute.
#[derive(Debug, Default)]
pub(crate) struct Visits(Mutex<HashMap<(Deed, Whose), Window>>);

impl Visits {
    fn count(&self, deed: Deed, whose: [(Option<Whose>, u32); 3], now: Instant) -> Result<()> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST {
            counts.retain(|_, it| !it.is_over(now));
        }
        for (whose, limit) in whose {
            let Some(whose) = whose else { continue };
            let is_channel = matches!(whose, Whose::Channel(_));
            let key = (deed, whose);
            let window = Window::count(counts.get(&key).copied(), now);
            if is_channel || counts.len() < MOST || counts.contains_key(&key) {
                counts.insert(key, window);
            }
            // Who is over their own limit does not use up everybody's.
            window.check(limit, now)?;
        }
        Ok(())
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
    let (Some(visits), Some(options)) =
        (request.app_data::<Data<Visits>>(), request.app_data::<Data<WebOptions>>())
    else {
        return Err(ApiError::Panicked);
    };
    let rate = options.widget.rates.of(deed);
    let whose = [
        // First the network: made-up tokens must not fill the table.
        (Some(Whose::Network(network(request))), rate.of_network),
        (token.map(|it| Whose::Visitor(it.hash())), rate.of_visitor),
        (Some(Whose::Channel(channel)), rate.of_channel),
    ];
    visits.count(deed, whose, Instant::now())
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
                (Some(Whose::Network(network.to_owned())), 5),
                (Some(Whose::Visitor([visitor; 32])), 2),
                (Some(Whose::Channel(channel)), 6),
            ];
            visits.count(Deed::Write, whose, at).is_ok()
        };
        assert!(ask(1, "a", now) && ask(1, "a", now));
        assert!(!ask(1, "a", now), "the visitor");
        assert!(ask(2, "a", now) && ask(2, "a", now));
        assert!(!ask(3, "a", now), "the network");
        assert!(ask(4, "b", now) && ask(4, "b", now));
        assert!(!ask(5, "c", now), "the chat");
        assert!(ask(1, "a", now + WINDOW));
    }
}
