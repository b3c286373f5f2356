//! Conditions: nested groups of comparisons, checked once and evaluated often.

use std::fmt;

use regex::{Regex, RegexBuilder};
use serde_json::{Value, json};

use super::{Explained, ExplainedCondition, Facts, facts::Fact};
use crate::{
    channels::ChannelType,
    conversations::{Priority, Status},
    documents::{Reading, Wrong},
    text,
};

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

const DEEPEST: usize = 5;
const MOST_CONDITIONS: usize = 50;
const MOST_VALUES: usize = 100;
const LONGEST_VALUE: usize = 500;
/// Bytes of a compiled pattern and of the states it may keep.
const LARGEST_PATTERN: usize = 1 << 18;
const LARGEST_STATES: usize = 1 << 20;
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
        let mut parser = Parser { reading: Reading::default(), conditions: 0 };
        let group = parser.group(document, path, 1);
        if parser.conditions > MOST_CONDITIONS {
            parser.reading.wrong(path, format!("at most {MOST_CONDITIONS} conditions"));
        }
        parser.reading.finish(group).map(Self)
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

struct Parser {
    reading: Reading,
    conditions: usize,
}

impl Parser {
    fn group(&mut self, document: &Value, path: &str, depth: usize) -> Option<Group> {
        if depth > DEEPEST {
            self.reading.wrong(path, format!("groups nest at most {DEEPEST} deep"));
            return None;
        }
        let object = self.reading.object(document, path, &["match", "rules"])?;
        let quantifier = match object.get("match") {
            None => Some(Quantifier::All),
            Some(_) => {
                let word = self.reading.text(object, path, "match")?;
                self.reading.check(&format!("{path}.match"), word.parse())
            }
        };
        let rules_path = format!("{path}.rules");
        let Some(rules) = object.get("rules") else {
            self.reading.wrong(rules_path, "must be a list of conditions");
            return None;
        };
        let rules = self.reading.list(rules, &rules_path, MOST_CONDITIONS)?;
        let mut members = Vec::with_capacity(rules.len());
        for (at, rule) in rules.iter().enumerate() {
            members.push(self.member(rule, &format!("{rules_path}[{at}]"), depth));
        }
        Some(Group {
            quantifier: quantifier?,
            members: members.into_iter().collect::<Option<_>>()?,
        })
    }

    fn member(&mut self, document: &Value, path: &str, depth: usize) -> Option<Member> {
        if document.get("rules").is_some() || document.get("match").is_some() {
            return self.group(document, path, depth + 1).map(Member::Group);
        }
        self.condition(document, path).map(Member::Condition)
    }

    fn condition(&mut self, document: &Value, path: &str) -> Option<Condition> {
        self.conditions += 1;
        let object = self.reading.object(document, path, &["field", "operator", "value"])?;
        let field = self.reading.text(object, path, "field");
        let field =
            field.and_then(|it| self.reading.check(&format!("{path}.field"), it.parse::<Field>()));
        let operator = self.reading.text(object, path, "operator");
        let operator = operator
            .and_then(|it| self.reading.check(&format!("{path}.operator"), it.parse::<Operator>()));
        let (field, operator) = (field?, operator?);
        let value = object.get("value").unwrap_or(&Value::Null);
        let path = format!("{path}.value");
        let test = self.test(field, operator, value, &path)?;
        Some(Condition { field, operator, value: value.clone(), test })
    }

    fn test(
        &mut self,
        field: Field,
        operator: Operator,
        value: &Value,
        path: &str,
    ) -> Option<Test> {
        use Operator::{Eq, In, IsEmpty, IsNotEmpty, Matches, Neq, NotIn, NotMatches};
        match operator {
            IsEmpty | IsNotEmpty if value.is_null() => Some(Test::Empty),
            IsEmpty | IsNotEmpty => {
                self.reading.wrong(path, format!("does not go with {operator}"));
                None
            }
            Matches | NotMatches => {
                let source = self.word(value, path)?;
                self.reading.check(path, pattern(&source)).map(Test::Pattern)
            }
            In | NotIn => {
                let list = self.reading.list(value, path, MOST_VALUES)?;
                let mut words = Vec::with_capacity(list.len());
                for (at, it) in list.iter().enumerate() {
                    let path = format!("{path}[{at}]");
                    words.push(self.word(it, &path).filter(|it| self.is_known(field, it, &path)));
                }
                let words: Vec<String> = words.into_iter().collect::<Option<_>>()?;
                Some(Test::Words(words.iter().map(|it| text::fold(it)).collect()))
            }
            _ => {
                let word = self.word(value, path)?;
                let exact = matches!(operator, Eq | Neq);
                if exact && !self.is_known(field, &word, path) {
                    return None;
                }
                Some(Test::Words(vec![text::fold(&word)]))
            }
        }
    }

    fn word(&mut self, value: &Value, path: &str) -> Option<String> {
        let word = match value {
            Value::String(it) => it.clone(),
            Value::Bool(it) => it.to_string(),
            Value::Number(it) => it.to_string(),
            _ => {
                self.reading.wrong(path, "must be text");
                return None;
            }
        };
        if word.trim().is_empty() {
            self.reading.wrong(path, "must not be empty; is_empty asks for that");
            return None;
        }
        if word.chars().count() > LONGEST_VALUE {
            self.reading.wrong(path, format!("must be at most {LONGEST_VALUE} characters long"));
            return None;
        }
        Some(word)
    }

    /// Fields with a few words must be compared with one of them, or a slip of the finger would make
    /// a rule that never matches.
    fn is_known(&mut self, field: Field, word: &str, path: &str) -> bool {
        let words: Vec<&str> = match field {
            Field::ChannelType => ChannelType::ALL.iter().map(|it| it.as_str()).collect(),
            Field::Status | Field::PreviousStatus => {
                Status::ALL.iter().map(|it| it.as_str()).collect()
            }
            Field::Priority => Priority::ALL.iter().map(|it| it.as_str()).collect(),
            Field::Hours => vec!["inside", "outside"],
            Field::HasAttachments | Field::Automatic | Field::Spam => vec!["true", "false"],
            _ => return true,
        };
        let known = words.iter().any(|it| it.eq_ignore_ascii_case(word.trim()));
        if !known {
            self.reading.wrong(path, format!("must be one of {}", words.join(", ")));
        }
        known
    }
}

/// The crate's engine needs time linear in the text; the bounds keep the factor small.
fn pattern(source: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(source)
        .case_insensitive(true)
        .size_limit(LARGEST_PATTERN)
        .dfa_size_limit(LARGEST_STATES)
        .nest_limit(50)
        .build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "is too large a pattern; repeat less".to_owned(),
        other => {
            let told = other.to_string();
            let reason = told.lines().last().unwrap_or("").trim_start_matches("error: ");
            format!("is not a pattern: {reason}")
        }
    })
}
