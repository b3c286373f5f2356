//! Mail servers that misbehave: cut connections, odd replies, stripped encryption, hostile sizes.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests, too, fail by panicking")]

mod imap;
mod oauth;
mod smtp;

use std::time::Duration;

use connectors::{
    email::accounts::{Auth, Secret, Security, Server, Timeouts},
    testing::authority,
};

/// Long enough for a loaded machine, and reached only where a server stays silent on purpose.
const PATIENT: Duration = Duration::from_secs(10);
const HASTY: Duration = Duration::from_millis(150);

fn server(port: u16, security: Security) -> Server {
    Server { extra_ca: Some(authority()), ..Server::new("localhost", port, security) }
}

fn password() -> Auth {
    Auth::Password { username: "ann".to_owned(), password: Secret::new("hunter2") }
}

fn token() -> Auth {
    Auth::XOAuth2 { username: "ann@mail.test".to_owned(), access_token: Secret::new("ya29.token") }
}

fn patient() -> Timeouts {
    Timeouts::all(PATIENT)
}

/// A step that hangs fails its test by name instead of holding up the run.
async fn in_time<T>(name: impl std::fmt::Display, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENT * 3, future).await {
        Ok(value) => value,
        Err(_) => panic!("{name}: hangs"),
    }
}
