//! Thousands of connections that never get to the point keep nobody else from being served.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::json;

use crate::app::{Client, PATIENCE, Server, place};

/// Half of them send a head that never ends, half a body.
const SOCKETS: usize = 2_000;
/// Of descriptors, for what else the test and its server have open.
const BESIDES: u64 = 300;
/// Long for a single answer even on a busy machine, and less than a slow head may take: whoever had to
/// wait for one of these would be later.
const PROMPT: Duration = Duration::from_secs(4);

#[test]
fn two_thousand_slow_clients_hold_up_nobody() {
    let limit = rlimit::increase_nofile_limit(rlimit::INFINITY).unwrap();
    let sockets = SOCKETS.min(usize::try_from(limit.saturating_sub(BESIDES)).unwrap());
    if sockets < SOCKETS {
        eprintln!("only {sockets} slow clients: the limit of open files is {limit}");
    }
    let (_folder, data) = place();
    let mut server = Server::start(&data);
    server.set_up();
    let client = server.client();
    let cookie = client.cookie.as_ref().unwrap();
    // Only who is signed in gets so far as to send so many bodies.
    let head = format!(
        "POST /api/contacts HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\
         Content-Type: application/json\r\nContent-Length: 200\r\n\r\n{{\"email\": \""
    );
    let mut heads = Vec::new();
    let mut bodies = Vec::new();
    for at in 0..sockets {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        if at % 2 == 0 {
            write!(stream, "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").unwrap();
            heads.push(stream);
        } else {
            stream.write_all(head.as_bytes()).unwrap();
            bodies.push(stream);
        }
    }
    let connected = Instant::now();
    let slowest = work_among_them(&client, &mut heads, &mut bodies);
    println!("{sockets} slow clients, the slowest other answer after {slowest:?}");
    assert!(slowest < PROMPT, "{slowest:?}");

    // Nobody who trickles is listened to for ever: 5 seconds for a head, 10 of silence for a body.
    let ended = |it: &mut TcpStream| {
        it.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut answer = String::new();
        match it.read_to_string(&mut answer) {
            // We may still have been talking.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("{error}"),
            Ok(_) => assert!(answer.starts_with("HTTP/1.1 408"), "{answer}"),
        }
    };
    heads.iter_mut().for_each(ended);
    println!("the last endless head was closed after {:?}", connected.elapsed());
    bodies.iter_mut().for_each(ended);
    println!("the last endless body was closed after {:?}", connected.elapsed());
    assert!(connected.elapsed() < PATIENCE);
    assert_eq!(server.end(Signal::TERM), Some(0));
}

/// Reads and writes while the others trickle. Answers the longest wait.
fn work_among_them(client: &Client, heads: &mut [TcpStream], bodies: &mut [TcpStream]) -> Duration {
    let mut slowest = Duration::ZERO;
    for round in 0..20 {
        // A few bytes of each body and head, as somebody does who wants to look alive.
        for stream in bodies.iter_mut().chain(heads.iter_mut()).skip(round).step_by(20) {
            // The server may have had enough of it by now.
            let _ = stream.write_all(b"a");
        }
        let asked = Instant::now();
        let body = json!({ "name": "Contact", "email": format!("contact{round}@example.com") });
        let made = client.ask("POST", "/api/contacts", Some(&body)).unwrap();
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(client.ask("GET", "/api/contacts", None).unwrap().status, 200);
        slowest = slowest.max(asked.elapsed());
        thread::sleep(Duration::from_millis(100));
    }
    slowest
}
