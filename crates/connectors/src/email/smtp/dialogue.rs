//! One SMTP connection, verb by verb (RFC 5321, STARTTLS RFC 3207, AUTH RFC 4954).
//!
//! lettre builds our mails but does not send them: its connection gives up all recipients when one is refused, does
//! not tell which verb failed, and keeps what was read before STARTTLS.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::{
    Receipt,
    addresses::Address,
    data,
    failures::{Kind, RecipientFailure, Stage, Trouble},
    offers::Offers,
    replies::{self, Reply},
};
use crate::email::{
    accounts::{Auth, Security, SmtpAccount, Timeouts},
    problems::Problem,
    streams::{self, MailStream, within},
};

pub(super) struct Dialogue {
    reader: BufReader<MailStream>,
    timeouts: Timeouts,
    offers: Offers,
}

impl Dialogue {
    /// Connects, encrypts as configured, signs in.
    pub(super) async fn open(account: &SmtpAccount) -> Result<Self, Trouble> {
        let (server, timeouts) = (&account.server, account.timeouts);
        let at = |stage: Stage| move |problem: Problem| Trouble::broken(stage, &problem);
        let bare = streams::connect(server, &timeouts).await.map_err(at(Stage::Connect))?;
        let name = greeting_name(account, &bare);
        let mut already_greeted = false;
        let stream = match server.security {
            Security::None => MailStream::Plain(bare),
            Security::Tls => {
                streams::encrypt(bare, server, &timeouts).await.map_err(at(Stage::Connect))?
            }
            Security::StartTls => {
                already_greeted = true;
                let reader = agree_on_tls(bare, &name, &timeouts).await?;
                streams::upgrade(reader, server, &timeouts).await.map_err(at(Stage::StartTls))?
            }
        };
        let mut reader = BufReader::new(stream);
        if !already_greeted {
            greet(&mut reader, &timeouts).await?;
        }
        let offers = ehlo(&mut reader, &name, &timeouts).await?;
        let mut dialogue = Self { reader, timeouts, offers };
        if let Some(auth) = &account.auth {
            dialogue.sign_in(auth).await?;
        }
        Ok(dialogue)
    }

    /// Forgets an unfinished mail; also shows whether the connection still lives.
    pub(super) async fn reset(&mut self) -> Result<(), Trouble> {
        let reply = self.say(Stage::MailFrom, "RSET").await?;
        if reply.is_positive() { Ok(()) } else { Err(reply.trouble(Stage::MailFrom)) }
    }

    pub(super) async fn quit(mut self) {
        let time = self.timeouts.command.min(Duration::from_secs(5));
        let goodbye = say(&mut self.reader, Stage::MailFrom, "QUIT", time);
        // Nobody depends on the answer.
        let _ = tokio::time::timeout(time, goodbye).await;
    }

    /// Sends one mail to those recipients the server accepts.
    pub(super) async fn send(
        &mut self,
        from: &Address,
        to: &[Address],
        mail: &[u8],
    ) -> Result<Receipt, Trouble> {
        let body = data::encode(mail);
        let size = body.len() as u64;
        if let Some(limit) = self.offers.size.filter(|it| size > *it) {
            let message = format!("takes mails of at most {limit} bytes; this one has {size}");
            return Err(Trouble { code: Some(552), ..Trouble::refused(Stage::MailFrom, message) });
        }
        let needs_utf8 = !from.wire.is_ascii() || to.iter().any(|it| !it.wire.is_ascii());
        if needs_utf8 && !self.offers.smtp_utf8 {
            let message = "does not take addresses with letters beyond ASCII";
            return Err(Trouble::refused(Stage::MailFrom, message));
        }

        let mut command = format!("MAIL FROM:<{}>", from.wire);
        if self.offers.announces_size {
            command.push_str(&format!(" SIZE={size}"));
        }
        // Without the offer the bytes go out as they are, which every server of today passes on.
        if self.offers.eight_bit && !body.is_ascii() {
            command.push_str(" BODY=8BITMIME");
        }
        if needs_utf8 {
            command.push_str(" SMTPUTF8");
        }
        let reply = self.say(Stage::MailFrom, &command).await?;
        if !reply.is_positive() {
            return Err(reply.trouble(Stage::MailFrom));
        }
        let (accepted, refused) = self.name_recipients(to).await?;
        self.hand_over(&body).await.map(|reply| Receipt {
            code: reply.code,
            message: reply.text(),
            accepted,
            refused,
        })
    }

    async fn name_recipients(
        &mut self,
        to: &[Address],
    ) -> Result<(Vec<String>, Vec<RecipientFailure>), Trouble> {
        let mut accepted = Vec::new();
        let mut refused = Vec::new();
        for address in to {
            let reply = self.say(Stage::RcptTo, &format!("RCPT TO:<{}>", address.wire)).await?;
            // The server is about to hang up, whoever the recipient is.
            if reply.code == 421 {
                return Err(reply.trouble(Stage::RcptTo));
            }
            if reply.is_positive() {
                accepted.push(address.given.clone());
                continue;
            }
            refused.push(RecipientFailure {
                address: address.given.clone(),
                kind: reply.kind(),
                code: Some(reply.code),
                message: reply.text(),
            });
        }
        if !accepted.is_empty() {
            return Ok((accepted, refused));
        }
        // One who may still be reached is worth another try; the first of them speaks for all.
        let telling = refused.iter().find(|it| it.kind == Kind::Retry).or(refused.first()).cloned();
        let Some(telling) = telling else {
            return Err(Trouble::refused(Stage::RcptTo, "was given no recipient"));
        };
        Err(Trouble {
            stage: Stage::RcptTo,
            kind: telling.kind,
            code: telling.code,
            message: telling.message,
            per_recipient: refused,
        })
    }

    async fn hand_over(&mut self, body: &[u8]) -> Result<Reply, Trouble> {
        let go = self.say(Stage::Data, "DATA").await?;
        if go.code != 354 {
            return Err(go.trouble(Stage::Data));
        }
        // The dot is not part of this write: as long as it has not left, the mail cannot have been taken.
        let (time, stream) = (self.timeouts.body, self.reader.get_mut());
        let written = within(time, "sending the mail", async {
            stream.write_all(body).await?;
            stream.flush().await
        });
        if let Err(problem) = written.await {
            // A server that has had enough says why and hangs up, and our write fails first.
            let time = self.timeouts.command.min(Duration::from_secs(5));
            return Err(match replies::read(&mut self.reader, time, "sending the mail").await {
                Ok(reply) if reply.code >= 400 => reply.trouble(Stage::Data),
                _ => Trouble::broken(Stage::Data, &problem),
            });
        }
        let unknown = |problem: Problem| Trouble::broken(Stage::AfterData, &problem);
        let stream = self.reader.get_mut();
        within(self.timeouts.command, "the final dot", async {
            stream.write_all(b".\r\n").await?;
            stream.flush().await
        })
        .await
        .map_err(unknown)?;
        let reply = replies::read(&mut self.reader, self.timeouts.after_data, "receipt");
        let reply = reply.await.map_err(unknown)?;
        match reply.code {
            200..300 => Ok(reply),
            400..600 => Err(reply.trouble(Stage::AfterData)),
            _ => Err(unknown(Problem::Nonsense("neither yes nor no"))),
        }
    }

    async fn sign_in(&mut self, auth: &Auth) -> Result<(), Trouble> {
        let offered = |name: &str| self.offers.auth.iter().any(|it| it == name);
        let (command, answers, refused) = match auth {
            Auth::Password { username, password } if offered("PLAIN") => {
                let answer = STANDARD.encode(Auth::plain(username, password));
                (format!("AUTH PLAIN {answer}"), Vec::new(), Problem::PasswordRefused)
            }
            Auth::Password { username, password } if offered("LOGIN") => {
                let answers = vec![STANDARD.encode(username), STANDARD.encode(password.expose())];
                ("AUTH LOGIN".to_owned(), answers, Problem::PasswordRefused)
            }
            Auth::XOAuth2 { username, access_token } if offered("XOAUTH2") => {
                let answer = STANDARD.encode(Auth::xoauth2(username, access_token));
                // A refusal comes as a challenge first, to be acknowledged with an empty line.
                let answers = vec![String::new()];
                (format!("AUTH XOAUTH2 {answer}"), answers, Problem::TokenRefused)
            }
            Auth::Password { .. } => return Err(no_sign_in("it does not accept passwords")),
            Auth::XOAuth2 { .. } => return Err(no_sign_in("it does not accept access tokens")),
        };
        let mut reply = self.say(Stage::Auth, &command).await?;
        for answer in answers {
            if reply.code != 334 {
                break;
            }
            reply = self.say(Stage::Auth, &answer).await?;
        }
        if reply.code == 235 {
            return Ok(());
        }
        let mut trouble = reply.trouble(Stage::Auth);
        if reply.code == 535 {
            trouble.message = format!("{} ({refused})", trouble.message);
        }
        Err(trouble)
    }

    async fn say(&mut self, stage: Stage, command: &str) -> Result<Reply, Trouble> {
        say(&mut self.reader, stage, command, self.timeouts.command).await
    }
}

fn no_sign_in(why: &'static str) -> Trouble {
    Trouble::refused(Stage::Auth, Problem::NoSignIn(why).to_string())
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    reader: &mut BufReader<S>,
    stage: Stage,
    command: &str,
    time: Duration,
) -> Result<Reply, Trouble> {
    let broken = |problem: Problem| Trouble::broken(stage, &problem);
    let line = format!("{command}\r\n");
    let written = within(time, "sending a command", async {
        reader.get_mut().write_all(line.as_bytes()).await?;
        reader.get_mut().flush().await
    });
    // A server that hung up may have said why before.
    let written = written.await;
    match (replies::read(reader, time, "waiting for a reply").await, written) {
        (Ok(reply), _) => Ok(reply),
        (Err(_), Err(problem)) | (Err(problem), Ok(())) => Err(broken(problem)),
    }
}

async fn greet<S: AsyncRead + Unpin>(
    reader: &mut BufReader<S>,
    timeouts: &Timeouts,
) -> Result<(), Trouble> {
    let greeting = replies::read(reader, timeouts.greeting, "greeting")
        .await
        .map_err(|problem| Trouble::broken(Stage::Greeting, &problem))?;
    if greeting.code == 220 { Ok(()) } else { Err(greeting.trouble(Stage::Greeting)) }
}

async fn ehlo<S: AsyncRead + AsyncWrite + Unpin>(
    reader: &mut BufReader<S>,
    name: &str,
    timeouts: &Timeouts,
) -> Result<Offers, Trouble> {
    let reply = say(reader, Stage::Ehlo, &format!("EHLO {name}"), timeouts.command).await?;
    if reply.is_positive() {
        Ok(Offers::read(&reply.lines))
    } else {
        Err(reply.trouble(Stage::Ehlo))
    }
}

/// Greeting, EHLO and STARTTLS in the clear. Nothing said here is remembered.
async fn agree_on_tls(
    bare: TcpStream,
    name: &str,
    timeouts: &Timeouts,
) -> Result<BufReader<TcpStream>, Trouble> {
    let mut reader = BufReader::new(bare);
    greet(&mut reader, timeouts).await?;
    if !ehlo(&mut reader, name, timeouts).await?.start_tls {
        return Err(Trouble::broken(Stage::StartTls, &Problem::NoStartTls));
    }
    let reply = say(&mut reader, Stage::StartTls, "STARTTLS", timeouts.command).await?;
    if reply.code != 220 {
        // Whatever the code, the mail itself is not at fault.
        return Err(Trouble { kind: Kind::Retry, ..reply.trouble(Stage::StartTls) });
    }
    Ok(reader)
}

fn greeting_name(account: &SmtpAccount, stream: &TcpStream) -> String {
    let valid = |name: &&String| {
        let plain = |it: u8| it.is_ascii_alphanumeric() || b"-.[]:".contains(&it);
        !name.is_empty() && name.bytes().all(plain)
    };
    match (account.greet_as.as_ref().filter(valid), stream.local_addr()) {
        (Some(name), _) => name.clone(),
        (None, Ok(address)) if address.is_ipv4() => format!("[{}]", address.ip()),
        (None, Ok(address)) => format!("[IPv6:{}]", address.ip()),
        (None, Err(_)) => "[127.0.0.1]".to_owned(),
    }
}
