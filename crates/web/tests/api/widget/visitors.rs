//! A chat and the browsers that have it open.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Client, TestApp, answer};

pub const SITE: &str = "https://shop.example";

/// A chat on a site, and its secret.
pub struct Chat {
    pub id: String,
    pub secret: String,
    pub admin: Client,
    nobody: Client,
}

/// A browser with a token.
#[derive(Clone)]
pub struct Visitor {
    pub path: String,
    pub token: String,
    pub client: Client,
}

impl Chat {
    pub async fn open(app: &TestApp, config: Value) -> Self {
        let admin = app.admin().await;
        let mut config = config;
        if config.get("allowed_origins").is_none() {
            config["allowed_origins"] = json!([SITE]);
        }
        let body = json!({ "type": "webchat", "name": "Shop chat", "config": config });
        let made = admin.post("/api/channels", body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let secret = made.body["config"]["identity_secret"].as_str().unwrap().to_owned();
        let id = made.body["id"].as_str().unwrap().to_owned();
        Self { id, secret, admin, nobody: app.nobody() }
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/widget/{}/{rest}", self.id)
    }

    pub async fn enter(&self, body: Value) -> Answer {
        self.nobody.post(&self.path("session"), body).await
    }

    /// Somebody new.
    pub async fn visitor(&self) -> Visitor {
        let entered = self.enter(json!({})).await;
        assert_eq!(entered.status, 201, "{}", entered.text);
        self.with(entered.body["token"].as_str().unwrap())
    }

    pub fn with(&self, token: &str) -> Visitor {
        Visitor {
            path: format!("/widget/{}", self.id),
            token: token.to_owned(),
            client: self.nobody.with("authorization", &format!("Bearer {token}")),
        }
    }

    pub async fn change(&self, config: Value) -> Answer {
        let path = format!("/api/channels/{}", self.id);
        self.admin.patch(&path, json!({ "config": config })).await
    }
}

impl Visitor {
    pub async fn get(&self, rest: &str) -> Answer {
        self.client.get(&format!("{}/{rest}", self.path)).await
    }

    pub async fn post(&self, rest: &str, body: Value) -> Answer {
        self.client.post(&format!("{}/{rest}", self.path), body).await
    }

    pub async fn write(&self, client_id: &str, text: &str) -> Answer {
        self.post("messages", json!({ "text": text, "client_id": client_id })).await
    }

    /// Writes and returns the conversation as agents know it.
    pub async fn conversation(&self) -> String {
        let history = self.get("messages").await;
        history.body["conversation"]["id"].as_str().unwrap().to_owned()
    }

    pub async fn upload(&self, name: &str, bytes: &[u8]) -> Answer {
        const BORDER: &str = "a-border-of-this-form";
        let head = format!(
            "--{BORDER}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: image/png\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, format!("\r\n--{BORDER}--\r\n").as_bytes()].concat();
        let request = self.client.request(Method::POST, &format!("{}/attachments", self.path));
        let form = format!("multipart/form-data; boundary={BORDER}");
        answer(request.header("content-type", form).body(body)).await
    }

    /// What they see, by its texts.
    pub async fn texts(&self) -> Vec<String> {
        let history = self.get("messages").await;
        assert_eq!(history.status, 200, "{}", history.text);
        let all = history.body["data"].as_array().unwrap();
        all.iter().map(|it| it["text"].as_str().unwrap().to_owned()).collect()
    }
}
