//! From a host name to a signed-in connection.

use async_imap::imap_proto::Response;
use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::wire::{Done, Wire, judge};
use crate::email::{
    accounts::{Auth, ImapAccount, Secret, Security},
    problems::Problem,
    streams::{self, MailStream, read_line, within},
};

/// The longest line we read before encryption begins.
const PLAIN_LINE: usize = 8 * 1024;

/// Connects and encrypts; the greeting has been read afterwards.
pub(super) async fn connect(account: &ImapAccount) -> Result<Wire, Problem> {
    let (server, timeouts) = (&account.server, &account.timeouts);
    let bare = streams::connect(server, timeouts).await?;
    let stream = match server.security {
        Security::Tls => streams::encrypt(bare, server, timeouts).await?,
        Security::None => MailStream::Plain(bare),
        Security::StartTls => {
            let mut wire = Wire::new(start_tls(bare, account).await?, *timeouts);
            wire.ask_capabilities().await?;
            return Ok(wire);
        }
    };
    let mut wire = Wire::new(stream, *timeouts);
    wire.greeting().await?;
    wire.ask_capabilities().await?;
    Ok(wire)
}

/// Says nothing but STARTTLS in the clear and believes nothing it reads there: even a "signed in already" greeting,
/// with which somebody in between could skip the encryption, ends the connection.
async fn start_tls(bare: TcpStream, account: &ImapAccount) -> Result<MailStream, Problem> {
    let timeouts = &account.timeouts;
    let mut reader = BufReader::new(bare);
    let greeting = read_line(&mut reader, PLAIN_LINE, timeouts.greeting, "greeting").await?;
    if !starts_with(&greeting, "* OK") {
        return Err(Problem::Nonsense("no greeting"));
    }
    within(timeouts.command, "STARTTLS", reader.write_all(b"D0 STARTTLS\r\n")).await?;
    for _ in 0..20 {
        let line = read_line(&mut reader, PLAIN_LINE, timeouts.command, "STARTTLS").await?;
        if starts_with(&line, "D0 OK") {
            return streams::upgrade(reader, &account.server, timeouts).await;
        }
        if starts_with(&line, "D0 ") {
            return Err(Problem::NoStartTls);
        }
    }
    Err(Problem::Nonsense("no answer to STARTTLS"))
}

fn starts_with(line: &str, start: &str) -> bool {
    line.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start))
}

pub(super) async fn sign_in(wire: &mut Wire, account: &ImapAccount) -> Result<(), Problem> {
    let time = account.timeouts.command;
    match &account.auth {
        Auth::Password { username, password } => {
            let done = with_password(wire, username, password, time).await?;
            accepted(done, Problem::PasswordRefused)?;
        }
        Auth::XOAuth2 { username, access_token } => {
            if !wire.has("AUTH=XOAUTH2") {
                return Err(Problem::NoSignIn("it does not accept access tokens"));
            }
            let answer = STANDARD.encode(Auth::xoauth2(username, access_token));
            let done = authenticate(wire, "XOAUTH2", &answer, time).await?;
            accepted(done, Problem::TokenRefused)?;
        }
    }
    wire.ask_capabilities().await
}

/// A refusal that is about the server's own state (RFC 5530) says nothing about the password.
fn accepted(done: Done, refused: Problem) -> Result<(), Problem> {
    match done {
        Done::Ok => Ok(()),
        Done::No(text) => {
            let capitals = text.to_ascii_uppercase();
            let passing = ["UNAVAILABLE", "INUSE", "LIMIT", "TEMPORAR", "TRY AGAIN", "TOO MANY"];
            let passing = passing.iter().any(|it| capitals.contains(it));
            Err(if passing { Problem::Refused(text) } else { refused })
        }
    }
}

async fn with_password(
    wire: &mut Wire,
    username: &str,
    password: &Secret,
    time: std::time::Duration,
) -> Result<Done, Problem> {
    let login_allowed = !wire.has("LOGINDISABLED");
    let (user, word) = (quoted(username), quoted(password.expose()));
    if let (true, Some(user), Some(word)) = (login_allowed, user, word) {
        return wire.command("LOGIN", &format!("LOGIN {user} {word}"), time, |_| {}).await;
    }
    if !wire.has("AUTH=PLAIN") {
        return Err(Problem::NoSignIn(
            "it does not accept passwords, or not one with such letters",
        ));
    }
    authenticate(wire, "PLAIN", &STANDARD.encode(Auth::plain(username, password)), time).await
}

enum Asked {
    Answer,
    Nothing,
    End(Result<Done, Problem>),
}

/// AUTHENTICATE with one answer; an error challenge is acknowledged with an empty line, after which the server says NO.
async fn authenticate(
    wire: &mut Wire,
    mechanism: &str,
    answer: &str,
    time: std::time::Duration,
) -> Result<Done, Problem> {
    let tag = wire.send("AUTHENTICATE", &format!("AUTHENTICATE {mechanism}")).await?;
    let mut answers = [answer, ""].into_iter();
    for _ in 0..20 {
        let end = wire.read("AUTHENTICATE", time, |response| match response {
            Response::Done { .. } => Asked::End(judge(&tag, response)),
            Response::Continue(_) => Asked::Answer,
            _ => Asked::Nothing,
        });
        match end.await? {
            Asked::End(done) => return done,
            Asked::Answer => {
                let answer = answers.next().ok_or(Problem::Nonsense("endless questions"))?;
                wire.send_line("AUTHENTICATE", answer).await?;
            }
            Asked::Nothing => {}
        }
    }
    Err(Problem::Nonsense("no end of the sign-in"))
}

/// An IMAP quoted string; `None` for what one cannot hold (RFC 3501: 7-bit, no CR or LF).
pub(super) fn quoted(text: &str) -> Option<String> {
    let fits = text.bytes().all(|it| it.is_ascii() && !matches!(it, 0 | b'\r' | b'\n'));
    fits.then(|| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}
