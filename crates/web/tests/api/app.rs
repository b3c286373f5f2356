//! A server with a database of its own, and clients that talk to it.

use std::net::TcpListener;

use actix_web::dev::ServerHandle;
use desk::{
    Clock, Desk, Keys, Options,
    agents::{self, NewAgent},
    identity::{self, Setup},
    options::Secret,
    sessions::{self, Client as Origin},
};
use domain::{
    Timestamp,
    agents::Role,
    channels::{Channel, ChannelType},
    contacts::Contact,
    conversations::{Conversation, Status},
    events::Actor,
    ids::{AgentId, ChannelId, ContactId, ConversationId},
    jobs::{Job, JobKind},
};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use storage::{Store, StoreError};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use web::WebOptions;

pub const PASSWORD: &str = "a long enough password";
pub const ADMIN: &str = "ann@example.com";
pub const AGENT: &str = "ben@example.com";

/// A running server. It stops when this is dropped.
pub struct TestApp {
    pub base: String,
    pub desk: Desk,
    pub clock: Clock,
    admin: OnceCell<Client>,
    agent: OnceCell<Client>,
    handle: ServerHandle,
    _folder: TempDir,
}

impl TestApp {
    pub async fn spawn() -> Self {
        Self::spawn_with(|_, _| ()).await
    }

    /// With another clock than the one that stands still.
    pub async fn spawn_on(clock: Clock) -> Self {
        Self::spawn_by(clock, |_, _| ()).await
    }

    pub async fn spawn_with(choose: impl FnOnce(&mut Options, &mut WebOptions)) -> Self {
        let clock = Clock::manual(Timestamp::parse("2026-01-05T09:00:00Z").unwrap());
        Self::spawn_by(clock, choose).await
    }

    async fn spawn_by(clock: Clock, choose: impl FnOnce(&mut Options, &mut WebOptions)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(storage::Options::new(folder.path())).unwrap();
        let keys = Keys::open(&folder.path().join("keys"), false).unwrap();
        let mut options = Options::new(folder.path());
        let mut web_options = WebOptions { workers: 1, ..WebOptions::default() };
        choose(&mut options, &mut web_options);
        let desk = Desk::new(store, clock.clone(), keys, options);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = web::server(listener, desk.clone(), web_options).unwrap();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            base,
            desk,
            clock,
            admin: OnceCell::new(),
            agent: OnceCell::new(),
            handle,
            _folder: folder,
        }
    }

    /// Somebody without a session.
    pub fn nobody(&self) -> Client {
        Client::new(&self.base)
    }

    /// Makes the workspace and its first admin.
    pub async fn set_up(&self) {
        let token = identity::setup_token(&self.desk).await.unwrap();
        let setup = Setup {
            token,
            workspace: "Example".to_owned(),
            name: "Ann Admin".to_owned(),
            email: ADMIN.to_owned(),
            password: Secret::new(PASSWORD),
        };
        let made = identity::set_up(&self.desk, setup, Origin::default()).await.unwrap();
        // The session of the set-up is not needed: a test signs in when it wants one.
        sessions::end(&self.desk, made.agent.id, made.session.id).await.unwrap();
    }

    pub async fn admin_id(&self) -> AgentId {
        let all = agents::list(&self.desk).await.unwrap();
        all.into_iter().find(|it| it.email.as_str() == ADMIN).unwrap().id
    }

    /// Stops in peace, as the program does.
    pub async fn stop(&self) {
        self.desk.listeners.end();
        self.handle.stop(true).await;
    }

    /// A waiting job, as the worker would get it.
    pub async fn job(&self, kind: JobKind, subject: AgentId) -> Option<Job> {
        let found = self.desk.store.read(move |db| storage::jobs::find(db, kind, subject.0));
        found.await.unwrap()
    }

    /// A conversation as a mail would have opened it, given to an agent.
    pub async fn conversation_of(&self, agent: AgentId, status: Status) -> Conversation {
        let now = self.clock.now();
        let channel = Channel {
            id: ChannelId::new(),
            kind: ChannelType::Email,
            name: "Support".to_owned(),
            config: json!({}),
            is_active: true,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        };
        let contact =
            Contact { name: Some("Cora".to_owned()), ..Contact::new(ContactId::new(), now) };
        let made = self.desk.store.write(move |tx| {
            storage::channels::insert(tx, &channel)?;
            storage::contacts::insert(tx, &contact)?;
            let id = ConversationId::new();
            let channel = (channel.id, channel.kind);
            let mut it = Conversation::open(id, channel, contact.id, None, now);
            (it.status, it.assignee) = (status, Some(agent));
            storage::conversations::insert(tx, &mut it)?;
            Ok::<_, StoreError>(it)
        });
        made.await.unwrap()
    }

    pub async fn conversation(&self, id: ConversationId) -> Conversation {
        let found = self.desk.store.read(move |db| storage::conversations::find(db, id));
        found.await.unwrap().unwrap()
    }

    /// Returns once the request the client just made was noted in its session.
    pub async fn wait_until_seen(&self, client: &Client) {
        loop {
            let listed = client.get("/api/auth/sessions").await;
            let sessions = listed.body["data"].as_array().unwrap();
            let current = sessions.iter().find(|it| it["current"] == true).unwrap();
            if current["last_seen_at"] == self.clock.now().to_string() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// The first admin, signed in; the first call sets the workspace up.
    pub async fn admin(&self) -> Client {
        let set_up = async || {
            self.set_up().await;
            self.sign_in(ADMIN).await
        };
        self.admin.get_or_init(set_up).await.clone()
    }

    /// Another agent of that role with the usual password, and a client signed in as them.
    pub async fn add(&self, role: Role, email: &str) -> (AgentId, Client) {
        self.admin().await;
        let new = NewAgent {
            name: email.split('@').next().unwrap().to_owned(),
            email: email.to_owned(),
            role,
            password: Some(Secret::new(PASSWORD)),
        };
        let (agent, _) = agents::create(&self.desk, new, Actor::System, None).await.unwrap();
        (agent.id, self.sign_in(email).await)
    }

    /// An agent who is no admin, signed in.
    pub async fn agent(&self) -> Client {
        let add = async || self.add(Role::Agent, AGENT).await.1;
        self.agent.get_or_init(add).await.clone()
    }

    /// A program with a new key of the admin's, and no cookie.
    pub async fn key(&self, role: Role) -> Client {
        let new = json!({ "name": "Script", "role": role.as_str(), "current_password": PASSWORD });
        let made = self.admin().await.post("/api/keys", new).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let key = made.body["key"].as_str().expect("a new key is told once");
        self.nobody().with("authorization", &format!("Bearer {key}"))
    }

    /// A client signed in with the usual password.
    pub async fn sign_in(&self, email: &str) -> Client {
        let mut client = self.nobody();
        let answer =
            client.post("/api/auth/login", json!({ "email": email, "password": PASSWORD })).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        client.adopt(&answer);
        client
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

/// A browser or script: it keeps one cookie and shows whole answers.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    pub cookie: Option<String>,
    headers: Vec<(String, String)>,
}

/// An answer, with `null` for a body that is not JSON.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Client {
    fn new(base: &str) -> Self {
        // The HTTP client is built with rustls and asks for a provider even where it speaks http.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, base: base.to_owned(), cookie: None, headers: Vec::new() }
    }

    /// The same client with one more header in each request.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// Takes over the session cookie of an answer.
    pub fn adopt(&mut self, answer: &Answer) {
        let cookies = answer.headers.get_all("set-cookie").iter();
        let session = cookies
            .map(|it| it.to_str().unwrap().split(';').next().unwrap())
            .find(|it| it.starts_with("deskbell=") || it.starts_with("__Host-deskbell="));
        self.cookie = Some(session.expect("the answer sets a session cookie").to_owned());
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn post_nothing(&self, path: &str) -> Answer {
        self.send(Method::POST, path, None).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }

    /// A request to be finished by hand, with the cookie in it.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request
    }
}

/// Sends a request and reads the whole answer.
pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, headers, body, text }
}
