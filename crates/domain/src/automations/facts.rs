//! What a rule looks at: the values of each field at one moment.

use std::{cell::OnceCell, collections::BTreeMap};

use super::Field;
use crate::text;

/// Characters of one value that rules see: searching megabytes would hold up everybody's writes.
const LONGEST: usize = 20_000;
const MOST: usize = 200;

/// A field has no value, one, or several, such as the addresses of a contact.
#[derive(Debug, Default)]
pub struct Facts(BTreeMap<Field, Vec<Fact>>);

#[derive(Debug)]
pub(super) struct Fact {
    pub text: String,
    folded: OnceCell<String>,
}

impl Fact {
    /// As it is compared: without regard to case.
    pub fn folded(&self) -> &str {
        self.folded.get_or_init(|| text::fold(&self.text))
    }
}

impl Facts {
    /// Blank values are none.
    pub fn set<T: AsRef<str>>(&mut self, field: Field, values: impl IntoIterator<Item = T>) {
        let values = values.into_iter().filter(|it| !it.as_ref().trim().is_empty()).take(MOST);
        let fact = |it: T| Fact {
            text: it.as_ref().chars().take(LONGEST).collect(),
            folded: OnceCell::new(),
        };
        self.0.insert(field, values.map(fact).collect());
    }

    pub(super) fn get(&self, field: Field) -> &[Fact] {
        self.0.get(&field).map(Vec::as_slice).unwrap_or_default()
    }
}
