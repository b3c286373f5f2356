//! What a use case can answer instead of its result, named by what the caller can do about it.

use domain::{conversations::RuleError, messages::Message, policy::Denied};
use storage::StoreError;
use uuid::Uuid;

use crate::drafts::Kept;

#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error("{0} not found")]
    NotFound(&'static str),
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The e-mail address or the password is wrong; which one stays open on purpose.
    #[error("wrong e-mail address or password")]
    WrongCredentials,
    #[error(transparent)]
    Rule(RuleError),
    #[error("some of this is not valid")]
    Invalid(Vec<FieldError>),
    #[error("{message}")]
    Conflict { message: String, existing_id: Option<Uuid> },
    /// What the writer of a reply has not seen.
    #[error("somebody wrote since you looked; read it first, or send with force")]
    Stale { messages: Vec<Message> },
    /// The draft as it is, which its writer has not seen.
    #[error("this draft was changed in another window; read it again before you write over it")]
    Outdated { draft: Box<Kept> },
    #[error("too many attempts; try again in {retry_after_seconds} seconds")]
    TooMany { retry_after_seconds: u64 },
    /// Asked for what this version does not do yet.
    #[error("{0} is not available")]
    NotAvailable(&'static str),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A defect or a broken environment; the text is for the log alone.
    #[error("{0}")]
    Internal(String),
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

impl From<RuleError> for DeskError {
    fn from(error: RuleError) -> Self {
        match error {
            RuleError::SnoozeNotInFuture | RuleError::SnoozeWithoutSnoozed => {
                Self::invalid("snoozed_until", error)
            }
            RuleError::AgentInactive => Self::Rule(error),
        }
    }
}

impl DeskError {
    pub fn invalid(field: impl Into<String>, message: impl ToString) -> Self {
        Self::Invalid(vec![FieldError { field: field.into(), message: message.to_string() }])
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict { message: message.into(), existing_id: None }
    }
}

/// Collects what is wrong with several fields, so that one answer names them all.
#[derive(Debug, Default)]
pub struct Problems(Vec<FieldError>);

impl Problems {
    /// The value, or `None` with the problem noted under `field`.
    pub fn check<T, E: std::fmt::Display>(
        &mut self,
        field: &str,
        result: Result<T, E>,
    ) -> Option<T> {
        result.map_err(|error| self.add(field, error)).ok()
    }

    pub fn add(&mut self, field: &str, message: impl ToString) {
        self.0.push(FieldError { field: field.to_owned(), message: message.to_string() });
    }

    /// What was made from the checked values, which is there when nothing was noted.
    pub fn finish_with<T>(self, made: Option<T>) -> Result<T, DeskError> {
        self.finish()?;
        made.ok_or_else(|| DeskError::Internal("a problem went unnoticed".to_owned()))
    }

    /// Fails when anything was noted.
    pub fn finish(self) -> Result<(), DeskError> {
        if self.0.is_empty() { Ok(()) } else { Err(DeskError::Invalid(self.0)) }
    }
}
