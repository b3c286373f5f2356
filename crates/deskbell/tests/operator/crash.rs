//! Killed under load, again and again: whatever was answered is still there.
//!
//! `scripts/crash` runs this with many more kills than a usual test run.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::app::{Client, Server, deskbell, place, run, stdout};

const WRITERS: u64 = 4;
/// How often a usual test run kills the server; `KILLS` says otherwise.
const KILLS: u64 = 5;

/// What the server has answered, and what it may or may not have done when it died.
#[derive(Default)]
struct Promises {
    /// Contact by id: the name it was answered with last.
    names: HashMap<String, String>,
    /// A rename that was asked for and not answered.
    perhaps: HashMap<String, String>,
    /// Creates that were asked for and not answered.
    open: u64,
}

#[test]
fn nothing_that_was_answered_is_lost_in_a_crash() {
    let kills = kills();
    let (_folder, data) = place();
    let mut server = Server::start(&data);
    server.set_up();
    let cookie = server.client().cookie;
    let promises = Mutex::new(Promises::default());
    let numbers = AtomicU64::new(0);

    for round in 0..kills {
        let client = server.client_with(&cookie);
        thread::scope(|scope| {
            for _ in 0..WRITERS {
                scope.spawn(|| write_until_it_dies(&client, &promises, &numbers));
            }
            thread::sleep(moment(round));
            assert_eq!(server.end(Signal::KILL), None, "round {round}: ended by itself");
        });
        server = Server::start(&data);
        compare(&server.client_with(&cookie), &mut promises.lock().unwrap(), round);
    }

    assert_eq!(server.end(Signal::TERM), Some(0));
    let told = stdout(&run(deskbell(&data).arg("check"), ""));
    assert!(told.contains("sound"), "{told}");
    let kept = promises.into_inner().unwrap().names.len();
    println!("{kills} kills, {kept} contacts answered, none lost");
    assert!(kept as u64 >= kills, "too little load to mean anything: {kept}");
}

pub fn kills() -> u64 {
    std::env::var("KILLS").map_or(KILLS, |it| it.parse().unwrap())
}

/// Early and late moments of a server's life, spread by the golden ratio.
pub fn moment(round: u64) -> Duration {
    let share = (round as f64 * 0.618_034).fract();
    Duration::from_secs_f64(0.02 + 0.5 * share)
}

/// Makes contacts and renames them, noting each answer, until the server is gone.
fn write_until_it_dies(client: &Client, promises: &Mutex<Promises>, numbers: &AtomicU64) {
    loop {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let name = format!("Contact {number}");
        let body = json!({ "name": name, "email": format!("contact{number}@example.com") });
        let Some(made) = ask(client, "POST", "/api/contacts", &body, 201) else {
            promises.lock().unwrap().open += 1;
            return;
        };
        let id = made["id"].as_str().unwrap().to_owned();
        promises.lock().unwrap().names.insert(id.clone(), name);

        let renamed = format!("Renamed {number}");
        let path = format!("/api/contacts/{id}");
        let answer = ask(client, "PATCH", &path, &json!({ "name": renamed }), 200);
        let mut promises = promises.lock().unwrap();
        match answer {
            Some(_) => promises.names.insert(id, renamed),
            None => {
                promises.perhaps.insert(id, renamed);
                return;
            }
        };
    }
}

/// Nothing when the server died before it answered; busy is asked again.
fn ask(client: &Client, method: &str, path: &str, body: &Value, want: u16) -> Option<Value> {
    loop {
        let answer = client.ask(method, path, Some(body)).ok()?;
        if answer.status == 503 {
            continue;
        }
        assert_eq!(answer.status, want, "{method} {path}: {}", answer.body);
        return Some(answer.body);
    }
}

fn compare(client: &Client, promises: &mut Promises, round: u64) {
    let Promises { names, perhaps, open } = promises;
    for (id, name) in names.iter_mut() {
        let answer = client.ask("GET", &format!("/api/contacts/{id}"), None).unwrap();
        assert_eq!(answer.status, 200, "round {round}: {id} ({name}) is gone");
        let found = answer.body["name"].as_str().unwrap();
        if perhaps.get(id).is_some_and(|it| it == found) {
            found.clone_into(name);
        }
        assert_eq!(found, name, "round {round}: {id} is not as answered");
    }
    perhaps.clear();
    let list = client.ask("GET", "/api/contacts?per_page=1", None).unwrap();
    // Beyond 10,000 nobody counts.
    if let Some(total) = list.body["pagination"]["total"].as_u64() {
        let answered = names.len() as u64;
        let possible = answered..=answered + *open;
        assert!(possible.contains(&total), "round {round}: {total} is not in {possible:?}");
    }
}
