//! Conditions: nested groups of comparisons, checked once and evaluated often.

mod parser;

use std::fmt;

use regex::Regex;
use serde_json::{Value, json};

use super::{Explained, ExplainedCondition, Facts, facts::Fact};
use crate::{documents::Wrong, text};

crate::words!(
    /// What a condition looks at.
    Field, "field", {
        ChannelType => "channel_type",
        /// Its id or name.
        Channel => "channel",
        Status => "status",
        /// Before the change that triggered the rule.
        PreviousStatus => "previous_status",
        Priority => "priority",
        Subject => "subject",
        /// Of the message that triggered the rule, else of the customer's newest.
        MessageText => "message_text",
        HasAttachments => "has_attachments",
        /// No person wrote the message.
        Automatic => "automatic",
        Spam => "spam",
        /// Name, addresses, numbers or id.
        Contact => "contact",
        ContactName => "contact_name",
        ContactEmail => "contact_email",
        ContactPhone => "contact_phone",
        ContactTag => "contact_tag",
        Tag => "tag",
        /// The tag that was added or removed.
        ChangedTag => "changed_tag",
        /// Id or name of the agent.
        Assignee => "assignee",
        /// Inside or outside business hours.
        Hours => "hours",
    }
);

crate::words!(Operator, "operator", {
    Eq => "eq",
    Neq => "neq",
    Contains => "contains",
    NotContains => "not_contains",
    StartsWith => "starts_with",
    EndsWith => "ends_with",
    In => "in",
    NotIn => "not_in",
    Matches => "matches",
    NotMatches => "not_matches",
    IsEmpty => "is_empty",
    IsNotEmpty => "is_not_empty",
});

crate::words!(
    /// How the members of a group go together.
    Quantifier, "match", {
        All => "all",
        Any => "any",
        None => "none",
    }
);
/// How much of what stood in a field a trace shows.
const SHOWN_VALUES: usize = 5;
const SHOWN: usize = 120;

/// The conditions of a rule. Without any it always matches.
#[derive(Debug, Clone)]
pub struct Conditions(Group);

#[derive(Debug, Clone)]
struct Group {
    quantifier: Quantifier,
    members: Vec<Member>,
}

#[derive(Debug, Clone)]
enum Member {
    Group(Group),
    Condition(Condition),
}

#[derive(Clone)]
struct Condition {
    field: Field,
    operator: Operator,
    /// As it was written.
    value: Value,
    test: Test,
}

#[derive(Clone)]
enum Test {
    /// Any of these, folded.
    Words(Vec<String>),
    Pattern(Regex),
    Empty,
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.field, self.operator, self.value)
    }
}

impl Conditions {
    pub fn none() -> Self {
        Self(Group { quantifier: Quantifier::All, members: Vec::new() })
    }

    /// # Errors
    /// Everything that is wrong, by its path below `path`.
    pub fn parse(document: &Value, path: &str) -> Result<Self, Vec<Wrong>> {
        if document.is_null() {
            return Ok(Self::none());
        }
        parser::parse(document, path).map(Self)
    }

    /// As [`Self::parse`] reads it.
    pub fn document(&self) -> Value {
        self.0.document()
    }

    pub fn uses(&self, field: Field) -> bool {
        self.0.uses(field)
    }

    /// Looks at every condition and tells what it saw.
    pub fn explain(&self, facts: &Facts) -> Explained {
        self.0.explain(facts)
    }
}

impl Group {
    fn document(&self) -> Value {
        let members: Vec<Value> = self.members.iter().map(Member::document).collect();
        json!({ "match": self.quantifier.as_str(), "rules": members })
    }

    fn uses(&self, field: Field) -> bool {
        self.members.iter().any(|it| match it {
            Member::Group(group) => group.uses(field),
            Member::Condition(condition) => condition.field == field,
        })
    }

    fn explain(&self, facts: &Facts) -> Explained {
        let rules: Vec<Explained> = self.members.iter().map(|it| it.explain(facts)).collect();
        let matched = match self.quantifier {
            Quantifier::All => rules.iter().all(Explained::matched),
            // An empty group asks for nothing.
            Quantifier::Any => rules.is_empty() || rules.iter().any(Explained::matched),
            Quantifier::None => !rules.iter().any(Explained::matched),
        };
        Explained::Group { r#match: self.quantifier.as_str(), rules, matched }
    }
}

impl Member {
    fn document(&self) -> Value {
        match self {
            Self::Group(group) => group.document(),
            Self::Condition(it) => {
                let mut document =
                    json!({ "field": it.field.as_str(), "operator": it.operator.as_str() });
                if !matches!(it.test, Test::Empty) {
                    document["value"] = it.value.clone();
                }
                document
            }
        }
    }

    fn explain(&self, facts: &Facts) -> Explained {
        match self {
            Self::Group(group) => group.explain(facts),
            Self::Condition(condition) => Explained::Condition(condition.explain(facts)),
        }
    }
}

impl Condition {
    fn explain(&self, facts: &Facts) -> ExplainedCondition {
        let values = facts.get(self.field);
        let shown =
            |it: &Fact| text::line_lossy(&it.text.chars().take(600).collect::<String>(), SHOWN);
        ExplainedCondition {
            field: self.field.as_str(),
            operator: self.operator.as_str(),
            value: self.value.clone(),
            actual: values.iter().take(SHOWN_VALUES).map(shown).collect(),
            matched: self.holds(values),
        }
    }

    /// A field with several values is what any of them is, and is not what none of them is.
    fn holds(&self, values: &[Fact]) -> bool {
        use Operator::{
            Contains, EndsWith, Eq, In, IsEmpty, IsNotEmpty, Matches, Neq, NotContains, NotIn,
            NotMatches, StartsWith,
        };
        let any = |test: fn(&str, &str) -> bool| {
            let Test::Words(words) = &self.test else { return false };
            values.iter().any(|value| words.iter().any(|word| test(value.folded(), word)))
        };
        let equals: fn(&str, &str) -> bool = |value, word| value.trim() == word.trim();
        let contains: fn(&str, &str) -> bool = |value, word| value.contains(word);
        let matches = || {
            let Test::Pattern(pattern) = &self.test else { return false };
            values.iter().any(|it| pattern.is_match(&it.text))
        };
        match self.operator {
            Eq | In => any(equals),
            Neq | NotIn => !any(equals),
            Contains => any(contains),
            NotContains => !any(contains),
            StartsWith => any(|value, word| value.trim_start().starts_with(word)),
            EndsWith => any(|value, word| value.trim_end().ends_with(word)),
            Matches => matches(),
            NotMatches => !matches(),
            IsEmpty => values.is_empty(),
            IsNotEmpty => !values.is_empty(),
        }
    }
}
