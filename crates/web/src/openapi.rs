//! The description of the session API (OpenAPI 3.1), drawn from the types handlers take and answer.
//!
//! A route says what it takes and answers by the signature of its handler; where a signature does
//! not tell (a query read by hand, a file answered), the registration adds it.

mod answers;
mod document;
mod pages;
mod sheet;
mod takes;
mod words;

pub(crate) use self::{
    answers::{Answers, Created},
    document::document,
    pages::routes,
    sheet::Sheet,
    takes::Takes,
    words::{optional_word, word},
};
