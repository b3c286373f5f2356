//! The HTML that a share of the demo's customers write with: paragraphs, a table of the order and a
//! signature, as mail programs make them.

use connectors::email::escape::plain;
use domain::messages::{Direction, Message};
use fastrand::Rng;

use super::build::Facts;

/// Of a hundred mails of customers.
const SHARE: u8 = 12;

pub(super) struct Layouts {
    /// Of its own, so that layouts change nothing else of the workspace.
    random: Rng,
}

impl Layouts {
    pub fn new(seed: u64) -> Self {
        Self { random: Rng::with_seed(seed) }
    }

    /// What `name` wrote, if their program writes HTML.
    pub fn of(&mut self, message: &Message, facts: &Facts, name: &str) -> Option<String> {
        if message.direction != Direction::Inbound || self.random.u8(..100) >= SHARE {
            return None;
        }
        let words: String =
            (message.text.split("\n\n")).map(|it| format!("<p>{}</p>\n", plain(it))).collect();
        let rows: String = [("Order", facts.order.as_str()), ("Item", facts.product)]
            .map(|(what, it)| format!("<tr><td><b>{what}</b></td><td>{}</td></tr>\n", plain(it)))
            .concat();
        Some(format!(
            "<div dir=\"ltr\">\n{words}<table border=\"1\" cellpadding=\"6\" cellspacing=\"0\">\n\
             {rows}</table>\n<p>--<br>\n<b>{}</b><br>\n<font color=\"#666666\">{}</font></p>\n</div>\n",
            plain(name),
            plain(facts.city),
        ))
    }
}
