//! However much is under way with people who do not answer, a stop takes less than ten seconds, and
//! nothing that was answered is lost by it.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::json;

use crate::app::{Client, Server, deskbell, get, place, post, run, soon, stdout};

/// A mail server that takes every connection and says nothing.
fn silent_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // It ends with the process.
    thread::spawn(move || listener.incoming().collect::<Vec<_>>());
    port
}

#[test]
fn a_stop_takes_less_than_ten_seconds_whoever_is_silent() {
    let (_folder, data) = place();
    let mut server = Server::start(&data);
    server.set_up();
    let client = server.client();
    let reply = send_to_nobody(&client, silent_server());
    let mut halves = [half_a_request(&client), half_a_request(&client)];
    let mut idle = TcpStream::connect(&client.address).unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    idle.read_exact(&mut [0; 12]).unwrap();

    let asked = Instant::now();
    assert_eq!(server.end(Signal::TERM), Some(0));
    let took = asked.elapsed();
    println!("stopped after {took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    for half in &mut halves {
        // Refused or cut off, but not waiting any more.
        half.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let _ = half.read_to_end(&mut Vec::new());
    }

    let told = stdout(&run(deskbell(&data).arg("check"), ""));
    assert!(told.contains("sound"), "{told}");
    let server = Server::start(&data);
    let client = server.client_with(&client.cookie);
    let message = get(&client, &format!("/api/messages/{reply}"));
    assert_eq!(message["status"], "queued", "{message}");
}

/// A reply whose sending is under way, to a server that never greets. Answers its id.
fn send_to_nobody(client: &Client, port: u16) -> String {
    let settings = json!({ "send_delay_seconds": 0 });
    assert_eq!(client.ask("POST", "/api/settings/workspace", Some(&settings)).unwrap().status, 200);
    let silent = json!({ "host": "localhost", "port": port, "security": "none",
        "username": "desk", "password": "secret" });
    let config = json!({ "address": "desk@mail.test", "imap": silent, "smtp": silent });
    let channel = json!({ "type": "email", "name": "Desk", "config": config });
    let channel = post(client, "/api/channels", channel);
    let opening = json!({ "channel_id": channel["id"], "text": "Hello",
        "contact": { "email": "cora@mail.test" } });
    let made = post(client, "/api/conversations", opening);
    let path = format!("/api/conversations/{}/messages", made["id"].as_str().unwrap());
    let reply = get(client, &path)["data"][0]["id"].as_str().unwrap().to_owned();
    soon("the reply is being sent", || {
        let jobs = client.ask("GET", "/metrics", None).unwrap();
        let running = "deskbell_jobs{kind=\"send_message\",state=\"running\"} 1";
        jobs.body.as_str().unwrap().contains(running).then_some(())
    });
    reply
}

fn half_a_request(client: &Client) -> TcpStream {
    let mut stream = TcpStream::connect(&client.address).unwrap();
    write!(
        stream,
        "POST /api/contacts HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n\
         Content-Type: application/json\r\nContent-Length: 200\r\n\r\n{{\"name\": \"",
        client.cookie.as_ref().unwrap()
    )
    .unwrap();
    stream
}
