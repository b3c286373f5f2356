//! Why a rule matched or not: its conditions with what they saw.

use serde::Serialize;
use serde_json::Value;

/// Stored as JSON with each run: a field may be added, never renamed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Explained {
    Group { r#match: &'static str, rules: Vec<Explained>, matched: bool },
    Condition(ExplainedCondition),
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedCondition {
    pub field: &'static str,
    pub operator: &'static str,
    pub value: Value,
    /// What stood there, shortened.
    pub actual: Vec<String>,
    pub matched: bool,
}

impl Explained {
    pub fn matched(&self) -> bool {
        match self {
            Self::Group { matched, .. } => *matched,
            Self::Condition(it) => it.matched,
        }
    }
}
