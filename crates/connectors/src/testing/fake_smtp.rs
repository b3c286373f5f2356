//! An SMTP server that takes every mail, unless its script says otherwise.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
};

use tokio::task::JoinHandle;

use super::{Act, Script, Shared, serve, wires::Wire};

pub struct FakeSmtp {
    pub port: u16,
    shared: Arc<Shared<State>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    connections: usize,
    mails: Vec<TakenMail>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenMail {
    pub from: String,
    pub to: Vec<String>,
    pub bytes: Vec<u8>,
}

impl FakeSmtp {
    pub async fn start(script: Script) -> Self {
        let shared = Shared::new(script, State::default());
        let (port, task) = serve(shared.clone(), talk).await;
        Self { port, shared, task }
    }

    /// Every line that clients said, without the mails.
    pub fn heard(&self) -> Vec<String> {
        self.shared.heard.lock().unwrap().clone()
    }

    /// The mails whose final dot arrived, whether or not that was confirmed.
    pub fn mails(&self) -> Vec<TakenMail> {
        self.shared.state.lock().unwrap().mails.clone()
    }

    pub fn connections(&self) -> usize {
        self.shared.state.lock().unwrap().connections
    }

    /// The bytes said on the newest connection.
    pub fn said(&self) -> usize {
        self.shared.said.load(Ordering::Relaxed)
    }
}

impl Drop for FakeSmtp {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(shared: Arc<Shared<State>>, mut wire: Wire) -> io::Result<()> {
    shared.state.lock().unwrap().connections += 1;
    if !act(&shared, &mut wire, "greeting").await? {
        wire.say("220 fake.test\r\n").await?;
    }
    let mut from = String::new();
    let mut to = Vec::new();
    while let Some(line) = wire.line().await? {
        shared.heard.lock().unwrap().push(line.clone());
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        if act(&shared, &mut wire, &verb).await? {
            continue;
        }
        match verb.as_str() {
            "EHLO" => wire.say(ehlo(&shared, wire.encrypted)).await?,
            "STARTTLS" => {
                let (certificate, injected) = {
                    let script = shared.script.lock().unwrap();
                    (script.start_tls, script.injected.unwrap_or_default())
                };
                wire.say(format!("220 go\r\n{injected}")).await?;
                if let Some(certificate) = certificate {
                    wire = wire.encrypt(certificate).await?;
                }
            }
            "AUTH" => wire.say("235 welcome\r\n").await?,
            "MAIL" => {
                from = address(&line);
                to.clear();
                wire.say("250 ok\r\n").await?;
            }
            "RCPT" => {
                to.push(address(&line));
                wire.say("250 ok\r\n").await?;
            }
            "DATA" => {
                wire.say("354 go\r\n").await?;
                let Some(bytes) = wire.mail().await? else { return Ok(()) };
                let mail = TakenMail { from: from.clone(), to: to.clone(), bytes };
                shared.state.lock().unwrap().mails.push(mail);
                if !act(&shared, &mut wire, ".").await? {
                    wire.say("250 taken\r\n").await?;
                }
            }
            "QUIT" => {
                wire.say("221 bye\r\n").await?;
                return wire.hang_up().await;
            }
            _ => wire.say("250 ok\r\n").await?,
        }
    }
    Ok(())
}

/// True when the script spoke in place of the server.
async fn act(shared: &Shared<State>, wire: &mut Wire, verb: &str) -> io::Result<bool> {
    match shared.act(verb) {
        None => return Ok(false),
        Some(Act::Say(text)) => wire.say(text).await?,
        Some(Act::SayAndHangUp(text)) => {
            wire.say(text).await?;
            return wire.hang_up().await;
        }
        Some(Act::HangUp) => return wire.hang_up().await,
        Some(Act::Silence) => wire.stay_silent().await?,
    }
    Ok(true)
}

fn ehlo(shared: &Shared<State>, encrypted: bool) -> String {
    let script = shared.script.lock().unwrap();
    let usual = || vec!["SIZE 1000000", "8BITMIME", "SMTPUTF8", "AUTH PLAIN LOGIN XOAUTH2"];
    let mut lines = script.offers.clone().unwrap_or_else(usual);
    if script.start_tls.is_some() && !encrypted {
        lines.push("STARTTLS");
    }
    let more: String = lines.iter().map(|it| format!("250-{it}\r\n")).collect();
    format!("250-fake.test\r\n{more}250 HELP\r\n")
}

fn address(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, it)| it.split_once('>'));
    inner.map(|it| it.0.to_owned()).unwrap_or_default()
}
