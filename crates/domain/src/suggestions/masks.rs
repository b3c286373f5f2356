//! Hides whom a text is about, before it is shown in another customer's conversation.

const NAME: &str = "[name]";
const ADDRESS: &str = "[e-mail]";
const NUMBER: &str = "[number]";
const LINK: &str = "[link]";
/// Digits that together point at somebody: a phone, an order, a card, an account.
const FEWEST_DIGITS: usize = 5;

/// The text without e-mail addresses, links that carry a token, long numbers, and the given names.
pub fn mask(text: &str, names: &[&str]) -> String {
    let names: Vec<String> = names
        .iter()
        .flat_map(|it| it.split(|it: char| !it.is_alphanumeric()))
        .filter(|it| it.chars().count() >= 2)
        .map(str::to_lowercase)
        .collect();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        if let Some(length) = number_at(rest) {
            out.push_str(NUMBER);
            rest = &rest[length..];
            continue;
        }
        out.push_str(&mask_token(token, &names));
        rest = after;
    }
    out
}

/// The length of a number that begins here and has many digits, however it is grouped.
fn number_at(text: &str) -> Option<usize> {
    let (mut digits, mut end) = (0, 0);
    for (at, it) in text.char_indices() {
        match it {
            _ if it.is_numeric() => {
                digits += 1;
                end = at + it.len_utf8();
            }
            '+' | '(' | ')' | '-' | '.' | '/' | ' ' | '#' => {}
            _ => break,
        }
    }
    (digits >= FEWEST_DIGITS).then_some(end)
}

fn mask_token(token: &str, names: &[String]) -> String {
    let inner = token.trim_matches(|it: char| !it.is_alphanumeric());
    if inner.is_empty() {
        return token.to_owned();
    }
    let replaced = |by: &str| token.replacen(inner, by, 1);
    if inner.contains('@') {
        return replaced(ADDRESS);
    }
    if inner.contains("://") || inner.starts_with("www.") {
        // A page anyone can open helps; what identifies somebody stands behind `?` or in long parts.
        let personal = inner.contains(['?', '#', '=']) || has_code(inner);
        return if personal { replaced(LINK) } else { token.to_owned() };
    }
    if has_code(inner) {
        return replaced(NUMBER);
    }
    mask_names(token, names)
}

/// An order number, a tracking code: digits, perhaps with letters.
fn has_code(text: &str) -> bool {
    text.split(|it: char| !it.is_alphanumeric())
        .any(|it| it.chars().filter(|it| it.is_numeric()).count() >= FEWEST_DIGITS)
}

fn mask_names(token: &str, names: &[String]) -> String {
    let mut out = String::new();
    let mut word = String::new();
    let flush = |word: &mut String, out: &mut String| {
        if names.contains(&word.to_lowercase()) {
            out.push_str(NAME);
        } else {
            out.push_str(word);
        }
        word.clear();
    };
    for it in token.chars() {
        if it.is_alphanumeric() {
            word.push(it);
        } else {
            flush(&mut word, &mut out);
            out.push(it);
        }
    }
    flush(&mut word, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_points_at_somebody_is_hidden() {
        let names = ["Ann-Marie O'Neil"];
        let cases = [
            ("Dear Ann, hello O'Neil!", "Dear [name], hello O'[name]!"),
            ("Write to <bob@example.com>, please", "Write to <[e-mail]>, please"),
            ("Call +62 812-3456-7890 now", "Call [number] now"),
            ("Order #1234567 and A12345B.", "Order [number] and [number]."),
            ("See https://desk.example/help/reset.", "See https://desk.example/help/reset."),
            ("See https://desk.example/r?t=abc", "See [link]"),
            ("It costs 25 euro\nin 3-5 days", "It costs 25 euro\nin 3-5 days"),
        ];
        for (text, want) in cases {
            assert_eq!(mask(text, &names), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_address_and_no_long_number_gets_through(before in "[a-z ]{0,10}", digits in "[0-9]{5,12}", after in "[ a-z\n]{0,10}") {
            let masked = mask(&format!("{before} {digits}{after} x{digits}@mail.example"), &[]);
            prop_assert!(!masked.contains(&digits), "{masked}");
            prop_assert!(!masked.contains('@'), "{masked}");
        }

        #[test]
        fn any_text_is_masked_without_a_panic(text in ".{0,200}", name in ".{0,20}") {
            mask(&text, &[&name]);
        }
    }
}
