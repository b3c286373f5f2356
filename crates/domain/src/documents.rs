//! Reading JSON documents that people write, so that everything that is wrong is named by its place.

use serde_json::{Map, Value};

/// What is wrong where, e.g. in `conditions.rules[1].operator`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub field: String,
    pub message: String,
}

/// Collects what is wrong while a document is read.
#[derive(Debug, Default)]
pub struct Reading(Vec<Wrong>);

impl Reading {
    pub fn wrong(&mut self, field: impl Into<String>, message: impl ToString) {
        self.0.push(Wrong { field: field.into(), message: message.to_string() });
    }

    /// The value, or none with the problem noted.
    pub fn check<T, E: ToString>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.wrong(field, error)).ok()
    }

    /// An object with no other members than `known`.
    pub fn object<'a>(
        &mut self,
        value: &'a Value,
        path: &str,
        known: &[&str],
    ) -> Option<&'a Map<String, Value>> {
        let Some(object) = value.as_object() else {
            self.wrong(path, "must be an object");
            return None;
        };
        for name in object.keys().filter(|it| !known.contains(&it.as_str())) {
            let shown: String = name.chars().take(60).collect();
            let message = format!("unknown field; there are {}", known.join(", "));
            self.wrong(format!("{path}.{shown}"), message);
        }
        Some(object)
    }

    /// A list of at most `most` items.
    pub fn list<'a>(&mut self, value: &'a Value, path: &str, most: usize) -> Option<&'a [Value]> {
        match value.as_array() {
            Some(list) if list.len() <= most => Some(list),
            Some(_) => {
                self.wrong(path, format!("at most {most}"));
                None
            }
            None => {
                self.wrong(path, "must be a list");
                None
            }
        }
    }

    /// A member that must be there and be text.
    pub fn text<'a>(
        &mut self,
        object: &'a Map<String, Value>,
        path: &str,
        name: &str,
    ) -> Option<&'a str> {
        let text = object.get(name).and_then(Value::as_str);
        if text.is_none() {
            self.wrong(format!("{path}.{name}"), "must be text");
        }
        text
    }

    /// A member that must be there and be a number of `least` to `most`.
    pub fn number(
        &mut self,
        object: &Map<String, Value>,
        path: &str,
        name: &str,
        (least, most): (u32, u32),
    ) -> Option<u32> {
        let number = object.get(name).and_then(Value::as_u64).and_then(|it| it.try_into().ok());
        let number = number.filter(|it| (least..=most).contains(it));
        if number.is_none() {
            self.wrong(format!("{path}.{name}"), format!("must be a number, {least} to {most}"));
        }
        number
    }

    /// # Errors
    /// Everything that was noted.
    pub fn finish<T>(self, made: Option<T>) -> Result<T, Vec<Wrong>> {
        match made {
            Some(made) if self.0.is_empty() => Ok(made),
            _ => Err(self.0),
        }
    }
}
