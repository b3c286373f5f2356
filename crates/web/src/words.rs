//! What parsers say about a value, in words for the person who sent it.

use std::borrow::Cow;

/// What serde calls a type, and what JSON calls it.
const TYPES: [(&str, &str); 5] = [
    ("a sequence", "a list"),
    ("a map", "an object"),
    ("a boolean", "true or false"),
    ("any valid JSON value", "a value"),
    ("a string or null", "a string"),
];
/// What the standard library says of text that is no number.
const NO_NUMBER: [&str; 4] = [
    "invalid digit found in string",
    "cannot parse integer from empty string",
    "number too large to fit in target type",
    "number too small to fit in target type",
];

/// Replaces the names of our types by those of JSON. What is in clear words already stays.
pub(crate) fn plain(message: &str) -> Cow<'_, str> {
    if message.starts_with("UUID parsing failed") {
        return Cow::Owned(domain::ids::NotAnId.to_string());
    }
    if NO_NUMBER.contains(&message) {
        return Cow::Borrowed("must be a whole number");
    }
    // Only the end is serde's own: before it may stand what was sent.
    let Some((before, expected)) = message.rsplit_once(", expected ") else {
        return Cow::Borrowed(message);
    };
    let named = TYPES.iter().find(|(name, _)| *name == expected).map(|(_, plain)| *plain);
    let plain = named.or_else(|| number(expected)).or_else(|| {
        let ours = expected.starts_with("struct ") || expected.starts_with("internally tagged ");
        ours.then_some("an object")
    });
    match plain {
        Some(plain) => Cow::Owned(format!("{before}, expected {plain}")),
        None => Cow::Borrowed(message),
    }
}

fn number(expected: &str) -> Option<&'static str> {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => Some("a whole number, 0 or more"),
        "i8" | "i16" | "i32" | "i64" | "isize" => Some("a whole number"),
        "f32" | "f64" => Some("a number"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_the_names_of_our_types() {
        let cases = [
            (
                "invalid type: string \"x\", expected u32",
                "invalid type: string \"x\", expected a whole number, 0 or more",
            ),
            (
                "invalid value: integer `-1`, expected u32",
                "invalid value: integer `-1`, expected a whole number, 0 or more",
            ),
            (
                "invalid type: string \"x\", expected a sequence",
                "invalid type: string \"x\", expected a list",
            ),
            (
                "invalid type: string \"x\", expected struct WeekDocument",
                "invalid type: string \"x\", expected an object",
            ),
            (
                "invalid type: string \", expected u32\", expected a boolean",
                "invalid type: string \", expected u32\", expected true or false",
            ),
            (
                "UUID parsing failed: invalid character: found `x` at 0",
                "must be an id such as 01957d4e-6a00-7c31-9b52-0c2f7e1d8a40",
            ),
            ("invalid digit found in string", "must be a whole number"),
            (
                "unknown field `a`, expected one of `b`, `c`",
                "unknown field `a`, expected one of `b`, `c`",
            ),
            ("must not be empty", "must not be empty"),
        ];
        for (said, want) in cases {
            assert_eq!(plain(said), want);
        }
    }
}
