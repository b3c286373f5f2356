//! Scripted servers on loopback, for tests: they answer properly, except where a script says otherwise.
//!
//! Behind the feature `test-servers`, so that the crates above can test with them too and no build ships them.

#![expect(clippy::unwrap_used, reason = "a test server fails its test by panicking")]

mod fake_imap;
mod fake_model;
mod fake_smtp;
mod wires;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};

use self::wires::Wire;
pub use self::{
    fake_imap::FakeImap,
    fake_model::{FakeModel, Heard, Play},
    fake_smtp::{FakeSmtp, TakenMail},
    wires::Certificate,
};

/// The authority that signed [`Certificate::Localhost`]: the `extra_ca` to trust a fake server.
pub fn authority() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/testing/certificates/authority.pem")
}

/// What a server does instead of answering properly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Says this, as it stands; for IMAP `{tag}` becomes the command's tag.
    Say(String),
    /// Says this and closes the connection.
    SayAndHangUp(String),
    HangUp,
    /// Keeps the connection and says nothing any more.
    Silence,
}

/// What a server deviates in. Verbs are as on the wire (`MAIL`, `UID FETCH`), besides `greeting`, and for SMTP `.` for
/// the end of a mail.
#[derive(Debug, Clone, Default)]
pub struct Script {
    once: Vec<(&'static str, Act)>,
    always: Vec<(&'static str, Act)>,
    cut_after: Option<usize>,
    /// TLS from the first byte.
    tls: Option<Certificate>,
    /// STARTTLS is offered.
    start_tls: Option<Certificate>,
    /// Sent in the clear together with the agreement to STARTTLS.
    injected: Option<&'static str>,
    offers: Option<Vec<&'static str>>,
}

impl Script {
    pub fn new() -> Self {
        Self::default()
    }

    /// Deviates the next time the verb comes; several for one verb are used in order.
    pub fn once(mut self, verb: &'static str, act: Act) -> Self {
        self.once.push((verb, act));
        self
    }

    pub fn always(mut self, verb: &'static str, act: Act) -> Self {
        self.always.push((verb, act));
        self
    }

    /// Hangs up after so many bytes were said on one connection.
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.cut_after = Some(bytes);
        self
    }

    pub fn tls(mut self, certificate: Certificate) -> Self {
        self.tls = Some(certificate);
        self
    }

    pub fn start_tls(mut self, certificate: Certificate) -> Self {
        self.start_tls = Some(certificate);
        self
    }

    pub fn inject_after_start_tls(mut self, text: &'static str) -> Self {
        self.injected = Some(text);
        self
    }

    /// Replaces what the server says it can do (SMTP extensions, IMAP capabilities).
    pub fn offers(mut self, list: &[&'static str]) -> Self {
        self.offers = Some(list.to_vec());
        self
    }

    fn act(&mut self, verb: &str) -> Option<Act> {
        let next = self.once.iter().position(|(it, _)| *it == verb);
        next.map(|at| self.once.remove(at).1)
            .or_else(|| self.always.iter().find(|(it, _)| *it == verb).map(|it| it.1.clone()))
    }
}

/// What all connections to one server share.
struct Shared<T> {
    script: Mutex<Script>,
    /// Every line any client said, in order.
    heard: Mutex<Vec<String>>,
    /// How many bytes were said on the newest connection.
    said: Arc<AtomicUsize>,
    state: Mutex<T>,
}

impl<T> Shared<T> {
    fn new(script: Script, state: T) -> Arc<Self> {
        Arc::new(Self {
            script: Mutex::new(script),
            heard: Mutex::default(),
            said: Arc::default(),
            state: Mutex::new(state),
        })
    }

    fn act(&self, verb: &str) -> Option<Act> {
        self.script.lock().unwrap().act(verb)
    }
}

/// Serves until the task is aborted. `talk` gets one connection; its error is a hang-up, by the client or the script.
async fn serve<T, F>(
    shared: Arc<Shared<T>>,
    talk: impl Fn(Arc<Shared<T>>, Wire) -> F + Clone + Send + 'static,
) -> (u16, JoinHandle<()>)
where
    T: Send + 'static,
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        // Dropped with this task, and every connection with it.
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, cut_after) = {
                let script = shared.script.lock().unwrap();
                (script.tls, script.cut_after)
            };
            shared.said.store(0, Ordering::Relaxed);
            let (shared, talk) = (shared.clone(), talk.clone());
            connections.spawn(async move {
                let mut wire = Wire::new(Box::new(stream), cut_after, shared.said.clone());
                if let Some(certificate) = tls {
                    wire = wire.encrypt(certificate).await?;
                }
                talk(shared, wire).await
            });
        }
    });
    (port, task)
}
