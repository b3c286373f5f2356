//! Reads the document of conditions and tells everything that is wrong with it.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::{Condition, Field, Group, Member, Operator, Quantifier, Test};
use crate::{
    channels::ChannelType,
    conversations::{Priority, Status},
    documents::{Reading, Wrong},
    text,
};

const DEEPEST: usize = 5;
const MOST_CONDITIONS: usize = 50;
const MOST_VALUES: usize = 100;
const LONGEST_VALUE: usize = 500;
/// Bytes of a compiled pattern and of the states it may keep.
const LARGEST_PATTERN: usize = 1 << 18;
const LARGEST_STATES: usize = 1 << 20;

/// # Errors
/// Everything that is wrong, by its path below `path`.
pub(super) fn parse(document: &Value, path: &str) -> Result<Group, Vec<Wrong>> {
    let mut parser = Parser { reading: Reading::default(), conditions: 0 };
    let group = parser.group(document, path, 1);
    if parser.conditions > MOST_CONDITIONS {
        parser.reading.wrong(path, format!("at most {MOST_CONDITIONS} conditions"));
    }
    parser.reading.finish(group)
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
