//! Killed while mail goes in and out: every answered reply is sent, and none without need twice;
//! every mail that came is one message.
//!
//! `scripts/crash` runs this with many more kills than a usual test run.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use connectors::testing::{FakeImap, Script};
use domain::{ids::MessageId, messages::DeliveryStatus};
use rustix::process::Signal;
use serde_json::{Value, json};
use storage::{Options, Store, StoreError, deliveries, messages};

use crate::{
    app::{Client, Server, connect, deskbell, get, get_all, place, run, soon, stdout},
    counting_smtp::CountingSmtp,
    crash,
};

const WRITERS: u64 = 3;
/// Each sends by itself: so many mails may be in flight at a kill.
const CHANNELS: usize = 3;
/// Between two requests of a writer and between two mails that arrive. The sending keeps up then.
const PACE: Duration = Duration::from_millis(15);

/// The desk's surroundings, which no crash touches.
struct World {
    smtp: CountingSmtp,
    mailboxes: Vec<FakeImap>,
    /// Keeps the mailboxes running.
    _runtime: tokio::runtime::Runtime,
}

/// Something that was asked for, to be asked for again under the same key until it is answered.
#[derive(Clone)]
struct Asked {
    key: String,
    path: String,
    body: Value,
}

#[derive(Default)]
struct Promises {
    /// What was answered with 201: the text, and the conversation it is in.
    texts: HashMap<String, String>,
    /// Messages answered in this life.
    lately: Vec<MessageId>,
    unanswered: Vec<Asked>,
    /// Mails put into each mailbox.
    arrived: [usize; CHANNELS],
}

/// What the database said of a mail that was taken, each time the desk was dead. By Message-ID.
#[derive(Default)]
struct Fate {
    /// The life at whose end it was recorded as sent.
    sent: Option<u64>,
    /// The lives at whose end its attempt was under way.
    in_flight: Vec<u64>,
}

#[test]
fn no_mail_is_lost_or_needlessly_doubled_in_a_crash() {
    let kills = crash::kills();
    let (_folder, data) = place();
    let world = World::new();
    let mut server = Server::start(&data);
    server.set_up();
    let cookie = server.client().cookie;
    let channels = world.connect(&server.client());
    let promises = Mutex::new(Promises::default());
    let numbers = AtomicU64::new(0);
    let mut fates = HashMap::new();

    for life in 0..kills {
        let client = server.client_with(&cookie);
        let dead = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..WRITERS {
                scope.spawn(|| write_until_it_dies(&client, &channels, &promises, &numbers));
            }
            scope.spawn(|| world.write_until(&dead, &promises));
            thread::sleep(crash::moment(life));
            assert_eq!(server.end(Signal::KILL), None, "life {life}: ended by itself");
            dead.store(true, Ordering::Relaxed);
        });
        look_at_the_dead(&data, life, &world.smtp, &mut promises.lock().unwrap(), &mut fates);
        world.smtp.next_life();
        server = Server::start(&data);
    }

    let client = server.client_with(&cookie);
    let mut promises = promises.into_inner().unwrap();
    for asked in std::mem::take(&mut promises.unanswered) {
        let answer = ask(&client, &asked).expect("nobody kills it any more");
        promises.keep(&asked, &answer);
    }
    drain(&client, &channels, &promises);
    let copies = judge_copies(&world.smtp, &fates);
    let doubled = copies.values().filter(|it| **it > 1).count();
    let given_up = judge_messages(&client, &promises, &copies);
    judge_arrivals(&client, &channels, &promises);
    assert_eq!(server.end(Signal::TERM), Some(0));
    let told = stdout(&run(deskbell(&data).arg("check"), ""));
    assert!(told.contains("sound"), "{told}");
    let (answered, arrived) = (promises.texts.len(), promises.arrived.iter().sum::<usize>());
    println!(
        "{kills} kills: {answered} replies answered, all there; {} mails sent, {doubled} of them \
         twice, being in flight at a kill; {given_up} given up in flight at two kills; {arrived} \
         mails arrived, each one message",
        copies.len()
    );
    assert!(answered as u64 >= kills * 3, "too little load to mean anything: {answered}");
    assert!(arrived as u64 >= kills, "too little load to mean anything: {arrived}");
}

impl World {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let start = || runtime.block_on(FakeImap::start(Script::new()));
        let mailboxes = (0..CHANNELS).map(|_| start()).collect();
        Self { smtp: CountingSmtp::start(), mailboxes, _runtime: runtime }
    }

    /// Makes a channel for each mailbox, and waits until it is watched.
    fn connect(&self, client: &Client) -> Vec<String> {
        let settings = json!({ "send_delay_seconds": 0 });
        let changed = client.ask("POST", "/api/settings/workspace", Some(&settings)).unwrap();
        assert_eq!(changed.status, 200, "{}", changed.body);
        let connect = |(number, mailbox): (usize, &FakeImap)| {
            let address = format!("desk{number}@mail.test");
            connect(client, &address, mailbox.port, self.smtp.port)
        };
        self.mailboxes.iter().enumerate().map(connect).collect()
    }

    /// Customers write, whether the desk lives or not.
    fn write_until(&self, dead: &AtomicBool, promises: &Mutex<Promises>) {
        for at in (0..CHANNELS).cycle() {
            if dead.load(Ordering::Relaxed) {
                return;
            }
            let number = {
                let arrived = &mut promises.lock().unwrap().arrived[at];
                *arrived += 1;
                *arrived
            };
            self.mailboxes[at].deliver(format!(
                "From: Cora <cora{at}.{number}@mail.test>\r\nTo: desk{at}@mail.test\r\n\
                 Subject: Question {at}.{number}\r\nMessage-ID: <{at}.{number}@mail.test>\r\n\
                 Date: Fri, 17 Jul 2026 02:44:25 +0000\r\n\r\nWhere is order {at}.{number}?\r\n"
            ));
            thread::sleep(PACE);
        }
    }
}

impl Promises {
    fn keep(&mut self, asked: &Asked, answer: &Value) {
        let text = asked.body["text"].as_str().unwrap().to_owned();
        let id = answer["id"].as_str().unwrap();
        let conversation = match answer["conversation_id"].as_str() {
            Some(conversation) => {
                self.lately.push(id.parse().unwrap());
                conversation
            }
            None => id,
        };
        self.texts.insert(text, conversation.to_owned());
    }
}

/// Opens conversations and goes on with them, noting each answer, until the server is gone. What
/// was left without an answer is asked again in the next life.
fn write_until_it_dies(
    client: &Client,
    channels: &[String],
    promises: &Mutex<Promises>,
    numbers: &AtomicU64,
) {
    let tell = |asked: &Asked| {
        let answer = ask(client, asked);
        let mut promises = promises.lock().unwrap();
        match &answer {
            Some(answer) => promises.keep(asked, answer),
            None => promises.unanswered.push(asked.clone()),
        }
        answer
    };
    loop {
        let again = promises.lock().unwrap().unanswered.pop();
        if let Some(again) = again {
            if tell(&again).is_none() {
                return;
            }
            continue;
        }
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let opening = Asked {
            key: format!("opening {number}"),
            path: "/api/conversations".to_owned(),
            body: json!({
                "channel_id": channels[number as usize % channels.len()],
                "contact": { "email": format!("customer{number}@example.org") },
                "subject": format!("Order {number}"), "text": format!("Opening {number}"),
            }),
        };
        let Some(made) = tell(&opening) else { return };
        for reply in 0..2 {
            thread::sleep(PACE);
            let asked = Asked {
                key: format!("reply {number}.{reply}"),
                path: format!("/api/conversations/{}/messages", made["id"].as_str().unwrap()),
                body: json!({ "text": format!("Reply {number}.{reply}") }),
            };
            if tell(&asked).is_none() {
                return;
            }
        }
    }
}

/// Nothing when the server died before it answered; busy is asked again.
fn ask(client: &Client, asked: &Asked) -> Option<Value> {
    loop {
        let answer = client.ask_once(&asked.key, &asked.path, &asked.body).ok()?;
        if answer.status == 503 {
            continue;
        }
        assert_eq!(answer.status, 201, "{}: {}", asked.key, answer.body);
        return Some(answer.body);
    }
}

/// Reads a copy of the database as the kill left it, before a new life changes anything.
fn look_at_the_dead(
    data: &Path,
    life: u64,
    smtp: &CountingSmtp,
    promises: &mut Promises,
    fates: &mut HashMap<String, Fate>,
) {
    let copy = tempfile::tempdir().unwrap();
    for name in ["deskbell.db", "deskbell.db-wal"] {
        fs::copy(data.join(name), copy.path().join(name)).unwrap();
    }
    let store = Store::open(Options::new(copy.path())).unwrap();
    assert_eq!(store.integrity(false).unwrap(), Vec::<String>::new(), "life {life}");
    let lately = std::mem::take(&mut promises.lately);
    let taken: HashSet<String> = smtp.taken().into_iter().map(|it| it.message_id).collect();
    let read = store.read_blocking::<_, StoreError>(|db| {
        for id in lately {
            assert!(messages::find(db, id)?.is_some(), "life {life}: {id} was answered, is gone");
        }
        for message_id in taken {
            let fate: &mut Fate = fates.entry(message_id.clone()).or_default();
            if fate.sent.is_some() {
                continue;
            }
            let message = messages::find_by_message_id(db, &message_id)?;
            let message = message.unwrap_or_else(|| panic!("{message_id} went out unrecorded"));
            if message.status == Some(DeliveryStatus::Sent) {
                fate.sent = Some(life);
            } else if deliveries::interrupted(db, message.seq)?.is_some() {
                fate.in_flight.push(life);
            }
        }
        Ok(())
    });
    read.unwrap();
    store.close_blocking();
}

/// Waits until nothing is left to do.
fn drain(client: &Client, channels: &[String], promises: &Promises) {
    for (id, arrived) in channels.iter().zip(promises.arrived) {
        soon("all mail is in and out", || {
            let mails = get(client, &format!("/api/channels/{id}/mail?per_page=1"));
            let health = get(client, &format!("/api/channels/{id}"))["health"].take();
            let done = mails["pagination"]["total"] == arrived && health["backlog"] == 0;
            done.then_some(())
        });
    }
}

/// How often each mail was taken. Nothing that a database had recorded as sent went out in a later
/// life, and a second copy only of what was under way when the first life ended.
fn judge_copies(smtp: &CountingSmtp, fates: &HashMap<String, Fate>) -> HashMap<String, usize> {
    let mut lives: HashMap<String, Vec<u64>> = HashMap::new();
    for it in smtp.taken() {
        lives.entry(it.message_id).or_default().push(it.life);
    }
    for (message_id, lives) in &mut lives {
        lives.sort_unstable();
        let unknown = Fate::default();
        let fate = fates.get(message_id).unwrap_or(&unknown);
        if let Some(sent) = fate.sent {
            assert!(lives.iter().all(|it| *it <= sent), "{message_id}: {lives:?}, sent in {sent}");
        }
        match lives.as_slice() {
            [_] => {}
            [first, second] => {
                let under_way = first < second && fate.in_flight.contains(first);
                assert!(under_way, "{message_id}: {lives:?}, in flight in {:?}", fate.in_flight);
            }
            _ => panic!("{message_id} was sent too often: {lives:?}"),
        }
    }
    lives.into_iter().map(|(message_id, lives)| (message_id, lives.len())).collect()
}

/// Every answered message is there once, and was sent; or else was in flight at two kills, and says
/// that it may have arrived. Answers how many of those there are.
fn judge_messages(client: &Client, promises: &Promises, copies: &HashMap<String, usize>) -> usize {
    let conversations: HashSet<&String> = promises.texts.values().collect();
    let total = get(client, "/api/conversations?per_page=1")["pagination"]["total"].take();
    let arrived: usize = promises.arrived.iter().sum();
    assert_eq!(total, conversations.len() + arrived, "a conversation was lost or doubled");
    let (mut found, mut given_up) = (HashMap::new(), 0);
    for id in conversations {
        for message in get_all(client, &format!("/api/conversations/{id}/messages")) {
            if message["direction"] != "outbound" {
                continue;
            }
            let message_id = message["message_id"].as_str().unwrap();
            let sent = copies.get(message_id).copied().unwrap_or(0);
            match message["status"].as_str().unwrap() {
                "sent" => assert!(sent > 0, "said to be sent: {message}"),
                "failed" => {
                    let path = format!("/api/messages/{}", message["id"].as_str().unwrap());
                    let attempts = get(client, &path)["deliveries"].take();
                    let attempts = attempts.as_array().unwrap().iter();
                    let cut_short = attempts.filter(|it| it["outcome"] == "unknown").count();
                    assert_eq!(cut_short, 2, "{message}");
                    given_up += 1;
                }
                _ => panic!("still not sent: {message}"),
            }
            let text = message["text"].as_str().unwrap().to_owned();
            let twice = found.insert(text, id);
            assert_eq!(twice, None, "stored twice: {message}");
        }
    }
    for (text, id) in &promises.texts {
        assert_eq!(found.remove(text), Some(id), "{text} was answered");
    }
    assert!(found.is_empty(), "nobody asked for {found:?}");
    given_up
}

/// Each mail that came stands in the ledger once, as one message.
fn judge_arrivals(client: &Client, channels: &[String], promises: &Promises) {
    for (at, id) in channels.iter().enumerate() {
        let mails = get_all(client, &format!("/api/channels/{id}/mail"));
        let mut subjects = HashSet::new();
        let mut messages = HashSet::new();
        for mail in &mails {
            assert_eq!(mail["fate"], "message", "{mail}");
            assert!(subjects.insert(mail["subject"].as_str().unwrap()), "twice: {mail}");
            assert!(messages.insert(mail["message_id"].as_str().unwrap()), "twice: {mail}");
        }
        let wanted: Vec<String> =
            (1..=promises.arrived[at]).map(|it| format!("Question {at}.{it}")).collect();
        assert_eq!(subjects, wanted.iter().map(String::as_str).collect());
    }
}
