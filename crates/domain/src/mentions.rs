//! Who is meant by an `@` in a note: `@ann`, `@"Ann Smith"`, `@Ann Smith`, `@ann.smith`.

use crate::{addresses::EmailAddress, ids::AgentId, text::fold};

/// Somebody who can be mentioned, by the names that mean them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub agent: AgentId,
    /// Folded.
    full: String,
    /// Folded: the part of the address before the `@`.
    local: String,
}

impl Name {
    pub fn new(agent: AgentId, name: &str, email: &EmailAddress) -> Self {
        Self { agent, full: fold(name), local: fold(email.local()) }
    }

    fn first(&self) -> &str {
        self.full.split(' ').next().unwrap_or_default()
    }
}

/// A note that mentions more people than this meant none of them in particular.
const MOST: usize = 50;

/// Who is mentioned, in order, each once. A name several have means all of them.
pub fn find(note: &str, names: &[Name]) -> Vec<AgentId> {
    let note = fold(note);
    let mut found = Vec::new();
    let mut before = None;
    for (at, it) in note.char_indices() {
        // After a letter or digit it is an e-mail address.
        let begins = it == '@' && !before.is_some_and(char::is_alphanumeric);
        before = Some(it);
        if !begins {
            continue;
        }
        let rest = note.get(at + 1..).unwrap_or_default();
        for agent in meant(rest, names) {
            if !found.contains(&agent) {
                found.push(agent);
            }
        }
        if found.len() >= MOST {
            break;
        }
    }
    found
}

/// Those with the longest name that is written there. Whole names and addresses come before first
/// names.
fn meant(rest: &str, names: &[Name]) -> Vec<AgentId> {
    if let Some(quoted) = rest.strip_prefix('"') {
        let name = quoted.split('"').next().unwrap_or_default().trim();
        return names.iter().filter(|it| it.full == name).map(|it| it.agent).collect();
    }
    let whole = longest(names, |it| written(rest, &it.full).max(written(rest, &it.local)));
    if whole.is_empty() { longest(names, |it| written(rest, it.first())) } else { whole }
}

fn longest(names: &[Name], length: impl Fn(&Name) -> Option<usize>) -> Vec<AgentId> {
    let Some(most) = names.iter().filter_map(&length).max() else { return Vec::new() };
    names.iter().filter(|it| length(it) == Some(most)).map(|it| it.agent).collect()
}

/// The length of `name` where `rest` begins with it and no longer word.
fn written(rest: &str, name: &str) -> Option<usize> {
    let after = rest.strip_prefix(name)?;
    let ends = !after.starts_with(char::is_alphanumeric);
    (ends && !name.is_empty()).then_some(name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_addresses_and_first_names_are_understood() {
        let ids = [AgentId::new(), AgentId::new(), AgentId::new(), AgentId::new()];
        let people = [
            ("Ann Admin", "ann@example.com"),
            ("Ben", "support.ben@example.com"),
            ("Anna Lüders", "al@example.com"),
            ("Zoë", "ann.z@example.com"),
        ];
        let names: Vec<Name> = ids
            .into_iter()
            .zip(people)
            .map(|(id, (name, email))| Name::new(id, name, &EmailAddress::parse(email).unwrap()))
            .collect();
        let cases: [(&str, &[usize]); 17] = [
            ("@Ann, please look", &[0]),
            ("@ann admin: look", &[0]),
            ("see @\"Ann Admin\"", &[0]),
            ("see @\"ann  x\"", &[]),
            ("@anna", &[2]),
            ("@Anna Lüders and @BEN.", &[2, 1]),
            ("@ANNA LU\u{308}DERS", &[2]),
            ("@al", &[2]),
            ("@ann.z", &[3]),
            ("@ann.", &[0]),
            ("@zoë!", &[3]),
            ("(@support.ben)", &[1]),
            ("write to x@ann or a@ben.example", &[]),
            ("@annabel and @benny", &[]),
            ("@ben @ben @Ben", &[1]),
            ("@", &[]),
            ("@\"", &[]),
        ];
        for (note, want) in cases {
            let want: Vec<AgentId> = want.iter().map(|it| ids[*it]).collect();
            assert_eq!(find(note, &names), want, "{note}");
        }
    }

    #[test]
    fn a_first_name_two_have_means_both() {
        let ids = [AgentId::new(), AgentId::new()];
        let address = |it: &str| EmailAddress::parse(it).unwrap();
        let names = [
            Name::new(ids[0], "Eva One", &address("one@example.com")),
            Name::new(ids[1], "Eva Two", &address("two@example.com")),
        ];
        assert_eq!(find("@eva?", &names), ids);
        assert_eq!(find("@Eva Two?", &names), [ids[1]]);
    }
}
