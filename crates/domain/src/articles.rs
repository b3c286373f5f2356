//! Knowledge: articles that replies are suggested from.

use crate::{
    Timestamp,
    ids::{AgentId, ArticleId},
};

crate::words!(
    /// How an article was written.
    ArticleFormat, "format", {
        Text => "text",
        Markdown => "markdown",
        Html => "html",
    }
);

/// Characters of a passage, about: what fits a reply.
const PASSAGE: usize = 800;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    pub id: ArticleId,
    pub title: String,
    pub format: ArticleFormat,
    /// As it was uploaded.
    pub content: String,
    pub created_by: Option<AgentId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Cuts text without markup into pieces short enough to quote: between paragraphs where there are
/// any, else between words. A heading stays with what follows it.
pub fn passages(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut open = String::new();
    for paragraph in text.split("\n\n").map(str::trim).filter(|it| !it.is_empty()) {
        for part in split_long(paragraph) {
            let length = open.chars().count() + part.chars().count();
            if !open.is_empty() && length > PASSAGE {
                pieces.push(std::mem::take(&mut open));
            }
            if !open.is_empty() {
                open.push_str("\n\n");
            }
            open.push_str(&part);
        }
    }
    if !open.is_empty() {
        pieces.push(open);
    }
    pieces
}

fn split_long(paragraph: &str) -> Vec<String> {
    if paragraph.chars().count() <= PASSAGE {
        return vec![paragraph.to_owned()];
    }
    let mut parts = Vec::new();
    let mut open = String::new();
    for word in paragraph.split_whitespace() {
        // A word as long as a passage is no word.
        let word: String = word.chars().take(PASSAGE).collect();
        if open.chars().count() + word.chars().count() >= PASSAGE {
            parts.push(std::mem::take(&mut open));
        }
        if !open.is_empty() {
            open.push(' ');
        }
        open.push_str(&word);
    }
    parts.push(open);
    parts.retain(|it| !it.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paragraphs_stay_together_until_a_passage_is_full() {
        let long = "word ".repeat(150);
        let text = format!("Heading\n\n{long}\n\nshort\n\n{long}");
        let got = passages(&text);
        assert_eq!(got.len(), 2, "{got:?}");
        assert!(got[0].starts_with("Heading\n\nword") && got[0].ends_with("short"));
        assert!(passages(" \n\n ").is_empty());
    }

    proptest! {
        #[test]
        fn passages_are_short_and_lose_no_word(text in "([a-z]{1,12}[ \n]{1,2}){0,400}") {
            let got = passages(&text);
            prop_assert!(got.iter().all(|it| it.chars().count() <= PASSAGE + 2));
            let words = |it: &str| it.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&got.join(" ")), words(&text));
        }
    }
}
