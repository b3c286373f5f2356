//! Language models behind an OpenAI-compatible API (`POST {base}/chat/completions`), such as OpenAI,
//! Mistral, vLLM, llama.cpp or Ollama serve it.
//!
//! The answer is asked for as a stream, so that one that hangs or never ends is left early.

mod stream;

use std::time::Duration;

use serde::Serialize;
use url::Url;

use self::stream::Stream;
use crate::{
    email::accounts::Secret,
    guard::{self, Guard},
};

/// From the request to the last word.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// Bytes of a refusal that are read for its reason.
const REFUSAL_BYTES: usize = 16 * 1024;

#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Without `/chat/completions`: `https://api.openai.com/v1`.
    pub base_url: Url,
    pub model: String,
    /// Models on one's own machine often need none.
    pub key: Option<Secret>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    System,
    User,
    Assistant,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Turn {
    pub role: Role,
    pub content: String,
}

/// What a model wrote, and what it says that cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub text: String,
    /// Not all servers count.
    pub tokens: Option<Tokens>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    pub prompt: u64,
    pub completion: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// A person has to mend it: address, key, model.
    #[error("the model's server refused: {0}")]
    Refused(String),
    #[error("the model gave no answer: {0}")]
    Unavailable(String),
}

#[derive(Serialize)]
struct Asked<'a> {
    model: &'a str,
    messages: &'a [Turn],
    max_tokens: u32,
    temperature: f32,
    stream: bool,
    stream_options: StreamOptions,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// Has the model write at most `max_tokens` tokens after `turns`.
pub async fn write(
    endpoint: &Endpoint,
    guard: &Guard,
    turns: &[Turn],
    max_tokens: u32,
) -> Result<Written, ModelError> {
    match tokio::time::timeout(DEADLINE, ask(endpoint, guard, turns, max_tokens)).await {
        Ok(written) => written,
        Err(_elapsed) => Err(ModelError::Unavailable("it took too long".to_owned())),
    }
}

async fn ask(
    endpoint: &Endpoint,
    guard: &Guard,
    turns: &[Turn],
    max_tokens: u32,
) -> Result<Written, ModelError> {
    let url = address(&endpoint.base_url)?;
    guard.check(&url).map_err(|error| ModelError::Refused(error.to_string()))?;
    let unavailable = |why: String| ModelError::Unavailable(why);
    let client = guard.client(DEADLINE).map_err(|error| unavailable(error.to_string()))?;
    let mut request = client.post(url).header("accept", "text/event-stream").json(&Asked {
        model: &endpoint.model,
        messages: turns,
        max_tokens,
        temperature: 0.2,
        stream: true,
        stream_options: StreamOptions { include_usage: true },
    });
    if let Some(key) = &endpoint.key {
        request = request.bearer_auth(key.expose());
    }
    let mut answer = request.send().await.map_err(|error| unavailable(guard::in_words(&error)))?;
    let status = answer.status();
    if !status.is_success() {
        let body = guard::read_body(answer, REFUSAL_BYTES).await.unwrap_or_default();
        let why = format!("{} {}", status.as_u16(), stream::reason(&body));
        let lasting = status.is_client_error() && !matches!(status.as_u16(), 408 | 425 | 429);
        return Err(if lasting { ModelError::Refused(why) } else { unavailable(why) });
    }
    let mut stream = Stream::default();
    while !stream.is_over() {
        let piece = answer.chunk().await.map_err(|error| unavailable(guard::in_words(&error)))?;
        let Some(piece) = piece else { break };
        stream.feed(&piece).map_err(unavailable)?;
    }
    stream.finish().map_err(unavailable)
}

fn address(base: &Url) -> Result<Url, ModelError> {
    let mut url = base.clone();
    url.path_segments_mut()
        .map_err(|()| ModelError::Refused("its address is no web address".to_owned()))?
        .pop_if_empty()
        .extend(["chat", "completions"]);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FakeModel, Play};

    fn endpoint(model: &FakeModel) -> Endpoint {
        let base_url = Url::parse(&model.base_url()).unwrap();
        Endpoint { base_url, model: "tiny".to_owned(), key: Some(Secret::new("sk-1")) }
    }

    async fn ask_for(play: Play) -> (FakeModel, Result<Written, ModelError>) {
        let model = FakeModel::start([play]).await;
        let guard = Guard::new(vec!["127.0.0.0/8".parse().unwrap()]);
        let turns = [Turn { role: Role::User, content: "Hello?".to_owned() }];
        let written = write(&endpoint(&model), &guard, &turns, 50).await;
        (model, written)
    }

    #[tokio::test]
    async fn the_request_is_what_the_api_documents_and_the_stream_is_put_together() {
        let (model, written) = ask_for(Play::write("Hello to you")).await;
        let tokens = Some(Tokens { prompt: 900, completion: 200 });
        assert_eq!(written, Ok(Written { text: "Hello to you".to_owned(), tokens }));
        let heard = model.heard();
        let [it] = heard.as_slice() else { panic!("one request") };
        assert_eq!(it.line, "POST /v1/chat/completions");
        let header =
            |name: &str| it.headers.iter().find(|(it, _)| it == name).map(|it| it.1.as_str());
        assert_eq!(header("authorization"), Some("Bearer sk-1"));
        assert_eq!(header("content-type"), Some("application/json"));
        assert_eq!(
            it.body,
            serde_json::json!({
                "model": "tiny", "max_tokens": 50, "stream": true,
                "stream_options": {"include_usage": true},
                "temperature": it.body["temperature"],
                "messages": [{"role": "user", "content": "Hello?"}],
            })
        );
    }

    #[tokio::test]
    async fn what_goes_wrong_is_told_apart() {
        let refused = r#"{"error": {"message": "no such model"}}"#;
        let cases = [
            (Play::Refuse(404, refused), ModelError::Refused("404 no such model".to_owned())),
            (Play::Refuse(429, "{}"), ModelError::Unavailable("429 {}".to_owned())),
            (Play::Refuse(503, "down"), ModelError::Unavailable("503 down".to_owned())),
            (Play::Refuse(302, ""), ModelError::Unavailable("302 ".to_owned())),
            (
                Play::Flood("data: {}\n"),
                ModelError::Unavailable("its answer does not end".to_owned()),
            ),
            (Play::Refuse(200, "<p>"), ModelError::Unavailable("its answer is empty".to_owned())),
        ];
        for (play, want) in cases {
            let name = format!("{play:?}");
            assert_eq!(ask_for(play).await.1, Err(want), "{name}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_hangs_is_left_after_the_deadline() {
        let (_model, written) = ask_for(Play::Hang).await;
        assert_eq!(written, Err(ModelError::Unavailable("it took too long".to_owned())));
    }

    #[tokio::test]
    async fn our_own_network_is_out_of_reach() {
        let model = FakeModel::start([Play::write("secret")]).await;
        let turns = [Turn { role: Role::User, content: "Hello?".to_owned() }];
        let written = write(&endpoint(&model), &Guard::default(), &turns, 50).await;
        assert!(matches!(written, Err(ModelError::Refused(_))), "{written:?}");
        assert!(model.heard().is_empty());
    }
}
