//! Errors as the session API answers them: `{"error", "details"?}` and a status code.

use std::fmt;

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use desk::{DeskError, FieldError, messages::display::Safe};
use domain::policy::Denied;
use serde_json::{Map, Value, json};
use storage_status::status_of;

use crate::{
    refusals,
    session_api::{drafts::DraftView, messages::views::MessageView},
};

/// A failed request. Only what a stranger may know is in its answer.
#[derive(Debug)]
pub enum ApiError {
    Desk(DeskError),
    /// A path nobody registered.
    NoSuchPath,
    MethodNotAllowed {
        allow: String,
    },
    /// Refused before anything else was looked at; the text is for a person.
    Refused(StatusCode, &'static str),
    /// The body has more bytes than `most`.
    TooLarge {
        most: usize,
    },
    /// The body or a parameter is not what it should be.
    Invalid {
        message: String,
        details: Vec<FieldError>,
    },
    /// A handler panicked; the details are in the log.
    Panicked,
    /// Took longer than a request may.
    TooSlow,
}

pub type Result<T, E = ApiError> = std::result::Result<T, E>;

impl ApiError {
    pub fn invalid(field: impl Into<String>, message: impl ToString) -> Self {
        let (field, message) = (field.into(), message.to_string());
        Self::Invalid {
            message: format!("{field}: {message}"),
            details: vec![FieldError { field, message }],
        }
    }

    fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("error".to_owned(), Value::String(self.to_string()));
        let details = match self {
            Self::Desk(DeskError::Invalid(details)) | Self::Invalid { details, .. } => details,
            _ => &Vec::new(),
        };
        if !details.is_empty() {
            let details =
                details.iter().map(|it| json!({"field": it.field, "message": it.message}));
            body.insert("details".to_owned(), details.collect());
        }
        if let Self::Desk(DeskError::Conflict { existing_id: Some(id), .. }) = self {
            body.insert("existing_id".to_owned(), Value::String(id.to_string()));
        }
        if let Self::Desk(DeskError::Stale { messages }) = self {
            let unseen: Vec<_> =
                messages.iter().cloned().map(Safe::without_html).map(MessageView::from).collect();
            body.insert("messages".to_owned(), json!(unseen));
        }
        if let Self::Desk(DeskError::Outdated { draft }) = self {
            body.insert("draft".to_owned(), json!(DraftView::from((**draft).clone())));
        }
        Value::Object(body)
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Desk(DeskError::TooMany { retry_after_seconds }) => Some(*retry_after_seconds),
            _ if self.status_code() == StatusCode::SERVICE_UNAVAILABLE => Some(1),
            _ => None,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // One problem is the message; several are summed up.
            Self::Desk(DeskError::Invalid(details)) => match details.as_slice() {
                [only] => write!(f, "{}: {}", only.field, only.message),
                _ => f.write_str("some of this is not valid"),
            },
            _ if self.status_code() == StatusCode::SERVICE_UNAVAILABLE => {
                f.write_str("too busy just now; try again in a moment")
            }
            _ if self.status_code().is_server_error() => f.write_str("internal error"),
            Self::Desk(error) => error.fmt(f),
            Self::NoSuchPath => f.write_str("no such path"),
            Self::MethodNotAllowed { allow } => write!(f, "this path only knows {allow}"),
            Self::Refused(_, message) => f.write_str(message),
            Self::TooLarge { most } => {
                write!(f, "the body is too large; at most {} KiB are taken here", most / 1024)
            }
            Self::Invalid { message, .. } => f.write_str(message),
            Self::Panicked | Self::TooSlow => f.write_str("internal error"),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Desk(error) => match error {
                DeskError::NotFound(_) => StatusCode::NOT_FOUND,
                DeskError::Denied(Denied::NotSignedIn) | DeskError::WrongCredentials => {
                    StatusCode::UNAUTHORIZED
                }
                DeskError::Denied(Denied::Forbidden | Denied::NotWithKey) => StatusCode::FORBIDDEN,
                DeskError::Denied(Denied::NotFound) => StatusCode::NOT_FOUND,
                DeskError::Rule(rule) => storage_status::rule_status(rule),
                DeskError::Invalid(_) | DeskError::NotAvailable(_) => StatusCode::BAD_REQUEST,
                DeskError::Conflict { .. }
                | DeskError::Stale { .. }
                | DeskError::Outdated { .. } => StatusCode::CONFLICT,
                DeskError::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
                DeskError::Store(error) => status_of(error),
                DeskError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Refused(status, _) => *status,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid { .. } => StatusCode::BAD_REQUEST,
            Self::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TooSlow => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            refusals::note(self);
        } else if status.is_server_error() {
            tracing::error!(error = ?self, "Request failed");
        }
        let mut response = HttpResponse::build(status);
        if let Some(seconds) = self.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Self::MethodNotAllowed { allow } = self
            && let Ok(allow) = HeaderValue::from_str(allow)
        {
            response.insert_header((header::ALLOW, allow));
        }
        // What was not read of the body must not be taken for the next request.
        if matches!(status, StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) {
            response.force_close();
        }
        response.json(self.body())
    }
}

impl<E: Into<DeskError>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self::Desk(error.into())
    }
}

/// How failures of the store and of rules map to status codes.
mod storage_status {
    use actix_web::http::StatusCode;
    use desk::{RuleError, StoreError};

    pub(super) fn status_of(error: &StoreError) -> StatusCode {
        match error {
            StoreError::Busy
            | StoreError::Deadline
            | StoreError::Full
            | StoreError::Exhausted
            | StoreError::Interrupted
            | StoreError::Closed
            | StoreError::Fatal => StatusCode::SERVICE_UNAVAILABLE,
            StoreError::Exists => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(super) fn rule_status(rule: &RuleError) -> StatusCode {
        match rule {
            RuleError::AgentInactive => StatusCode::CONFLICT,
            RuleError::SnoozeNotInFuture | RuleError::SnoozeWithoutSnoozed => {
                StatusCode::BAD_REQUEST
            }
        }
    }
}
