//! Telling another program's web address something, signed.

use std::time::Duration;

use reqwest::StatusCode;
use url::Url;

use crate::guard::{self, Guard};

const DEADLINE: Duration = Duration::from_secs(10);
/// How much of a refusal is kept for people to read, in bytes.
const ANSWER_BYTES: usize = 2_000;

/// What is posted.
#[derive(Debug, Clone)]
pub struct Call {
    pub url: Url,
    /// Names and values that say what it is.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Another attempt is of no use.
    #[error("{0}")]
    Refused(String),
    /// Another attempt may fare better.
    #[error("{0}")]
    Failed(String),
}

/// Posts once; any 2xx answer is a success.
pub async fn post(guard: &Guard, call: Call) -> Result<(), CallError> {
    guard.check(&call.url).map_err(|error| CallError::Refused(error.to_string()))?;
    let client = guard.client(DEADLINE).map_err(|error| CallError::Failed(error.to_string()))?;
    let mut request = client.post(call.url).header("content-type", "application/json");
    for (name, value) in call.headers {
        request = request.header(name, value);
    }
    let answer = request.body(call.body).send().await;
    let answer = answer.map_err(|error| CallError::Failed(guard::in_words(&error)))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let body = guard::read_body(answer, ANSWER_BYTES).await.unwrap_or_default();
    let said = domain::text::line_lossy(&String::from_utf8_lossy(&body), 200);
    let told = match said.is_empty() {
        true => format!("it answered {}", status.as_u16()),
        false => format!("it answered {}: {said}", status.as_u16()),
    };
    // The address is gone for good (RFC 9110 §15.5.11).
    if status == StatusCode::GONE {
        Err(CallError::Refused(told))
    } else {
        Err(CallError::Failed(told))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_inside_is_refused_before_anything_is_sent() {
        for address in
            ["http://127.0.0.1:9/", "http://[::ffff:10.0.0.1]/", "http://169.254.169.254/"]
        {
            let call = Call {
                url: Url::parse(address).unwrap(),
                headers: Vec::new(),
                body: "{}".to_owned(),
            };
            let got = post(&Guard::default(), call).await;
            assert!(matches!(got, Err(CallError::Refused(_))), "{address}: {got:?}");
        }
        let call = Call {
            url: Url::parse("http://localhost:9/").unwrap(),
            headers: Vec::new(),
            body: "{}".to_owned(),
        };
        let got = post(&Guard::default(), call).await;
        let Err(CallError::Failed(reason)) = got else { panic!("{got:?}") };
        assert!(reason.contains("not a public address"), "{reason}");
    }
}
