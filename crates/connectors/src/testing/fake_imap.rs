//! An IMAP server with one folder, `INBOX`, into which tests deliver.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
};

use tokio::{sync::watch, task::JoinHandle};

use super::{Act, Script, Shared, serve, wires::Wire};

pub struct FakeImap {
    pub port: u16,
    shared: Arc<Shared<Mailbox>>,
    task: JoinHandle<()>,
}

struct Mailbox {
    uid_validity: u32,
    uid_next: u32,
    mails: Vec<StoredMail>,
    connections: usize,
    /// Tells those who idle how many mails there are.
    count: watch::Sender<usize>,
}

struct StoredMail {
    uid: u32,
    bytes: Vec<u8>,
    seen: bool,
}

impl FakeImap {
    pub async fn start(script: Script) -> Self {
        let count = watch::Sender::new(0);
        let mailbox =
            Mailbox { uid_validity: 1, uid_next: 1, mails: Vec::new(), connections: 0, count };
        let shared = Shared::new(script, mailbox);
        let (port, task) = serve(shared.clone(), talk).await;
        Self { port, shared, task }
    }

    /// Puts a mail into the folder and tells whoever idles; returns its UID.
    pub fn deliver(&self, bytes: impl Into<Vec<u8>>) -> u32 {
        let mut mailbox = self.shared.state.lock().unwrap();
        let uid = mailbox.uid_next;
        mailbox.uid_next += 1;
        mailbox.mails.push(StoredMail { uid, bytes: bytes.into(), seen: false });
        mailbox.count.send_replace(mailbox.mails.len());
        uid
    }

    /// Leaves a gap in the UIDs, as expunged mails do.
    pub fn skip_uids(&self, count: u32) {
        self.shared.state.lock().unwrap().uid_next += count;
    }

    /// As after a restored backup: the same mails, numbered anew from 1.
    pub fn change_uid_validity(&self, uid_validity: u32) {
        let mut mailbox = self.shared.state.lock().unwrap();
        mailbox.uid_validity = uid_validity;
        mailbox.uid_next = 1;
        let mailbox = &mut *mailbox;
        for mail in &mut mailbox.mails {
            mail.uid = mailbox.uid_next;
            mailbox.uid_next += 1;
        }
    }

    /// UIDs of the mails marked read.
    pub fn seen(&self) -> Vec<u32> {
        let mailbox = self.shared.state.lock().unwrap();
        mailbox.mails.iter().filter(|it| it.seen).map(|it| it.uid).collect()
    }

    /// Every line that clients said.
    pub fn heard(&self) -> Vec<String> {
        self.shared.heard.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.shared.state.lock().unwrap().connections
    }

    /// The bytes said on the newest connection.
    pub fn said(&self) -> usize {
        self.shared.said.load(Ordering::Relaxed)
    }
}

impl Drop for FakeImap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(shared: Arc<Shared<Mailbox>>, mut wire: Wire) -> io::Result<()> {
    shared.state.lock().unwrap().connections += 1;
    if !act(&shared, &mut wire, "greeting", "*").await? {
        wire.say("* OK fake.test ready\r\n").await?;
    }
    while let Some(line) = wire.line().await? {
        shared.heard.lock().unwrap().push(line.clone());
        let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
        let verb = verb(command);
        if act(&shared, &mut wire, &verb, tag).await? {
            continue;
        }
        match verb.as_str() {
            "STARTTLS" => {
                let (certificate, injected) = {
                    let script = shared.script.lock().unwrap();
                    (script.start_tls, script.injected.unwrap_or_default())
                };
                let Some(certificate) = certificate else {
                    wire.say(format!("{tag} BAD no such command\r\n")).await?;
                    continue;
                };
                wire.say(format!("{tag} OK go\r\n{injected}")).await?;
                wire = wire.encrypt(certificate).await?;
            }
            "AUTHENTICATE" => {
                wire.say("+ \r\n").await?;
                let answer = wire.line().await?.unwrap_or_default();
                shared.heard.lock().unwrap().push(answer);
                wire.say(format!("{tag} OK welcome\r\n")).await?;
            }
            "IDLE" => idle(&shared, &mut wire, tag).await?,
            "LOGOUT" => {
                wire.say(format!("* BYE bye\r\n{tag} OK done\r\n")).await?;
                return wire.hang_up().await;
            }
            _ => {
                let answer = answer(&shared, &verb, command, tag);
                wire.say(answer).await?;
            }
        }
    }
    Ok(())
}

/// True when the script spoke in place of the server.
async fn act(shared: &Shared<Mailbox>, wire: &mut Wire, verb: &str, tag: &str) -> io::Result<bool> {
    match shared.act(verb) {
        None => return Ok(false),
        Some(Act::Say(text)) => wire.say(text.replace("{tag}", tag)).await?,
        Some(Act::SayAndHangUp(text)) => {
            wire.say(text.replace("{tag}", tag)).await?;
            return wire.hang_up().await;
        }
        Some(Act::HangUp) => return wire.hang_up().await,
        Some(Act::Silence) => wire.stay_silent().await?,
    }
    Ok(true)
}

/// `UID FETCH` is one verb.
fn verb(command: &str) -> String {
    let mut words = command.split(' ');
    let first = words.next().unwrap_or_default().to_ascii_uppercase();
    match (first.as_str(), words.next()) {
        ("UID", Some(second)) => format!("UID {}", second.to_ascii_uppercase()),
        _ => first,
    }
}

async fn idle(shared: &Shared<Mailbox>, wire: &mut Wire, tag: &str) -> io::Result<()> {
    let mut count = shared.state.lock().unwrap().count.subscribe();
    wire.say("+ idling\r\n").await?;
    loop {
        tokio::select! {
            changed = count.changed() => {
                if changed.is_ok() {
                    let exists = *count.borrow_and_update();
                    wire.say(format!("* {exists} EXISTS\r\n")).await?;
                }
            }
            line = wire.line() => {
                let Some(line) = line? else { return Ok(()) };
                shared.heard.lock().unwrap().push(line);
                return wire.say(format!("{tag} OK idled\r\n")).await;
            }
        }
    }
}

fn answer(shared: &Shared<Mailbox>, verb: &str, command: &str, tag: &str) -> Vec<u8> {
    let mut mailbox = shared.state.lock().unwrap();
    let ok = format!("{tag} OK done\r\n").into_bytes();
    let data = match verb {
        "CAPABILITY" => {
            let usual = || vec!["IDLE", "AUTH=PLAIN", "AUTH=XOAUTH2"];
            let list = shared.script.lock().unwrap().offers.clone().unwrap_or_else(usual);
            format!("* CAPABILITY IMAP4rev1 {}\r\n", list.join(" ")).into_bytes()
        }
        "LOGIN" => Vec::new(),
        "NOOP" => format!("* {} EXISTS\r\n", mailbox.mails.len()).into_bytes(),
        "LIST" => b"* LIST (\\HasNoChildren) \"/\" INBOX\r\n".to_vec(),
        "SELECT" => select(&mailbox),
        "UID FETCH" => fetch(&mailbox, command),
        "UID SEARCH" => {
            let uids: Vec<String> = mailbox.mails.iter().map(|it| it.uid.to_string()).collect();
            format!("* SEARCH {}\r\n", uids.join(" ")).into_bytes()
        }
        "UID STORE" => {
            let set = command.split(' ').nth(2).unwrap_or_default().to_owned();
            let newest = mailbox.mails.last().map_or(0, |it| it.uid);
            for mail in mailbox.mails.iter_mut().filter(|it| contains(&set, it.uid, newest)) {
                mail.seen = true;
            }
            Vec::new()
        }
        _ => return format!("{tag} BAD no such command\r\n").into_bytes(),
    };
    [data, ok].concat()
}

fn select(mailbox: &Mailbox) -> Vec<u8> {
    let Mailbox { uid_validity, uid_next, mails, .. } = mailbox;
    let exists = mails.len();
    let lines = [
        "* FLAGS (\\Seen)".to_owned(),
        format!("* {exists} EXISTS"),
        "* 0 RECENT".to_owned(),
        format!("* OK [UIDVALIDITY {uid_validity}] valid"),
        format!("* OK [UIDNEXT {uid_next}] next"),
        String::new(),
    ];
    lines.join("\r\n").into_bytes()
}

fn fetch(mailbox: &Mailbox, command: &str) -> Vec<u8> {
    let set = command.split(' ').nth(2).unwrap_or_default();
    let newest = mailbox.mails.last().map_or(0, |it| it.uid);
    let mut out = Vec::new();
    for (at, mail) in mailbox.mails.iter().enumerate() {
        if !contains(set, mail.uid, newest) {
            continue;
        }
        let (sequence, uid, size) = (at + 1, mail.uid, mail.bytes.len());
        let head = format!("* {sequence} FETCH (UID {uid}");
        if command.contains("BODY.PEEK[]") {
            out.extend(format!("{head} BODY[] {{{size}}}\r\n").into_bytes());
            out.extend(&mail.bytes);
            out.extend(b")\r\n");
        } else {
            let date = "17-Jul-2026 02:44:25 +0000";
            let line = format!("{head} RFC822.SIZE {size} INTERNALDATE \"{date}\")\r\n");
            out.extend(line.into_bytes());
        }
    }
    out
}

/// Whether a UID set such as `1,5:7,9:*` names this mail. `n:*` names the newest, however low its UID.
fn contains(set: &str, uid: u32, newest: u32) -> bool {
    set.split(',').any(|part| match part.split_once(':') {
        None => part.parse() == Ok(uid),
        Some((first, last)) => {
            let number = |text: &str| if text == "*" { newest } else { text.parse().unwrap_or(0) };
            let (first, last) = (number(first), number(last));
            (first.min(last)..=first.max(last)).contains(&uid)
        }
    })
}
