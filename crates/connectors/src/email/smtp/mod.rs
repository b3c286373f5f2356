//! Sending mail over SMTP.
//!
//! A session keeps its connection between mails and opens a new one when the server has closed it meanwhile. What a
//! failure says is exact about one thing above all: whether the mail can have been sent.

mod addresses;
mod data;
mod dialogue;
mod failures;
mod offers;
mod replies;

use tokio::time::Instant;

pub use self::failures::{Kind, RecipientFailure, SendFailure, Stage};
use self::{addresses::Address, dialogue::Dialogue, failures::Trouble};
use super::accounts::{Auth, SmtpAccount};

/// The server has taken the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub code: u16,
    /// The server's words, often with its name for the mail.
    pub message: String,
    pub accepted: Vec<String>,
    /// Recipients this mail does not reach though others do.
    pub refused: Vec<RecipientFailure>,
}

pub struct SmtpSession {
    account: SmtpAccount,
    kept: Option<Kept>,
}

struct Kept {
    dialogue: Dialogue,
    used: Instant,
}

impl SmtpSession {
    /// Connects, encrypts as configured, signs in.
    pub async fn connect(account: &SmtpAccount) -> Result<Self, SendFailure> {
        let mut session = Self::new(account.clone());
        let dialogue = session.open().await?;
        session.keep(dialogue);
        Ok(session)
    }

    /// Connects with the first mail.
    pub fn new(account: SmtpAccount) -> Self {
        Self { account, kept: None }
    }

    /// Replaces the credentials for connections to come, e.g. when an access token was renewed.
    pub fn set_auth(&mut self, auth: Option<Auth>) {
        self.account.auth = auth;
    }

    pub fn is_connected(&self) -> bool {
        self.kept.is_some()
    }

    /// Sends `mail` as it is (its Message-ID is the caller's) from `from`, empty for mail that must not bounce, to
    /// those of `to` whom the server accepts. Dropping the future closes the connection; then the mail may or may not
    /// have been sent.
    pub async fn send(
        &mut self,
        from: &str,
        to: &[&str],
        mail: &[u8],
    ) -> Result<Receipt, SendFailure> {
        let server = self.account.server.to_string();
        let (from, to) = envelope(from, to).map_err(|it| it.into_failure(server.clone()))?;
        let mut dialogue = self.ready().await?;
        let sent = dialogue.send(&from, &to, mail).await;
        match &sent {
            Ok(_) => self.keep(dialogue),
            // The server has spoken and is still there, unless it said goodbye; an unfinished mail is reset before
            // the next.
            Err(Trouble { code: Some(code), .. }) if *code != 421 => self.keep(dialogue),
            Err(Trouble { kind: Kind::Refused, .. }) => self.keep(dialogue),
            Err(_) => {}
        }
        sent.map_err(|it| it.into_failure(server))
    }

    /// Closes the connection if it has rested for longer than the account's `keep`; true when none is open now.
    pub async fn close_when_idle(&mut self) -> bool {
        let keep = self.account.timeouts.keep;
        if self.kept.as_ref().is_some_and(|it| it.used.elapsed() >= keep) {
            self.close().await;
        }
        self.kept.is_none()
    }

    pub async fn close(&mut self) {
        if let Some(kept) = self.kept.take() {
            kept.dialogue.quit().await;
        }
    }

    /// The kept connection if it still answers, else a new one.
    async fn ready(&mut self) -> Result<Dialogue, SendFailure> {
        if let Some(Kept { mut dialogue, used }) = self.kept.take()
            && used.elapsed() < self.account.timeouts.keep
            && dialogue.reset().await.is_ok()
        {
            return Ok(dialogue);
        }
        self.open().await
    }

    async fn open(&self) -> Result<Dialogue, SendFailure> {
        let opened = Dialogue::open(&self.account).await;
        opened.map_err(|it| it.into_failure(self.account.server.to_string()))
    }

    fn keep(&mut self, dialogue: Dialogue) {
        self.kept = Some(Kept { dialogue, used: Instant::now() });
    }
}

fn envelope(from: &str, to: &[&str]) -> Result<(Address, Vec<Address>), Trouble> {
    let sender = if from.is_empty() { Some(Address::nobody()) } else { Address::parse(from) };
    let sender = sender.ok_or_else(|| {
        Trouble::refused(Stage::MailFrom, "was not asked: the sender is not an address")
    })?;
    let mut recipients = Vec::new();
    let mut unfit = Vec::new();
    for text in to {
        match Address::parse(text) {
            Some(address) => recipients.push(address),
            None => unfit.push(RecipientFailure {
                address: (*text).to_owned(),
                kind: Kind::Refused,
                code: None,
                message: "not an address".to_owned(),
            }),
        }
    }
    if recipients.is_empty() || !unfit.is_empty() {
        let message = "was not asked: a recipient is not an address";
        let trouble = Trouble::refused(Stage::RcptTo, message);
        return Err(Trouble { per_recipient: unfit, ..trouble });
    }
    Ok((sender, recipients))
}
