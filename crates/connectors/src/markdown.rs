//! Markdown (CommonMark) as plain text, to search and to quote.

use pulldown_cmark::{Parser, html};

use crate::email::plain::{self, Links};

/// Its words, one block a paragraph, with the targets of links behind their text.
pub fn to_text(source: &str) -> String {
    let mut page = String::with_capacity(source.len() * 3 / 2);
    html::push_html(&mut page, Parser::new(source));
    plain::from_html(&page, Links::Show)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_marks_are_gone_and_its_words_are_kept() {
        let source = "# Refunds\n\n* **Within** `14` days\n* see [here](https://shop.example/a)\n\n\
            > as the law says\n\n<b onclick=x>bold</b> & <script>alert(1)</script>";
        let text = to_text(source);
        for word in ["Refunds", "- Within 14 days", "https://shop.example/a", "as the law says"] {
            assert!(text.contains(word), "{text}");
        }
        for mark in ["#", "**", "`", "<b", "alert"] {
            assert!(!text.contains(mark), "{mark}: {text}");
        }
    }
}
