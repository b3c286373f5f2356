//! What the customer asks: what they wrote since they were last answered.

use domain::{
    messages::{Direction, Message},
    suggestions::{ranking, summaries},
};

/// Words looked for.
const MOST_WORDS: usize = 8;
/// Characters of a message that are looked at.
const LONGEST: usize = 4_000;

/// Something said in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub by_customer: bool,
    pub text: String,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Question {
    text: String,
    /// What it is about.
    pub words: Vec<String>,
}

/// What customer and agents wrote, without notes and events.
pub(super) fn thread(messages: &[Message]) -> Vec<Line> {
    let said = messages.iter().filter_map(|it| {
        let by_customer = match it.direction {
            Direction::Inbound => true,
            Direction::Outbound => false,
            Direction::Note | Direction::Event => return None,
        };
        let text: String = it.text.chars().take(LONGEST).collect();
        (!text.trim().is_empty()).then_some(Line { by_customer, text })
    });
    said.collect()
}

impl Question {
    /// The customer's words after the last answer, or their last ones when all are answered.
    pub(super) fn of(thread: &[Line], subject: Option<&str>) -> Self {
        let answered = thread.iter().rposition(|it| !it.by_customer).map_or(0, |it| it + 1);
        let open = match thread.get(answered..) {
            Some(open) if !open.is_empty() => open,
            _ => {
                thread.iter().rposition(|it| it.by_customer).map_or(&[][..], |it| &thread[it..=it])
            }
        };
        let texts: Vec<&str> = open.iter().map(|it| it.text.as_str()).collect();
        let text = texts.join("\n");
        if text.is_empty() {
            return Self::default();
        }
        let whole = format!("{}\n{text}", subject.unwrap_or_default());
        Self { words: ranking::keywords(&whole, MOST_WORDS), text }
    }

    /// Their own sentences that say the most.
    pub(super) fn summary(&self) -> Option<String> {
        summaries::summary(&self.text, &self.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(by_customer: bool, text: &str) -> Line {
        Line { by_customer, text: text.to_owned() }
    }

    #[test]
    fn the_question_is_what_was_written_since_the_last_answer() {
        let thread = [
            line(true, "Where are my invoices?"),
            line(false, "In the portal."),
            line(true, "Which portal?"),
            line(true, "And the password?"),
        ];
        let words = |thread: &[Line]| Question::of(thread, None).words;
        assert_eq!(words(&thread), ["password", "portal"]);
        assert_eq!(words(&thread[..2]), ["invoices"], "all answered: the last one");
        assert!(words(&thread[1..2]).is_empty());
        assert!(words(&[]).is_empty());
        assert_eq!(
            Question::of(&thread, Some("Shipment")).words,
            ["shipment", "password", "portal"]
        );
    }
}
