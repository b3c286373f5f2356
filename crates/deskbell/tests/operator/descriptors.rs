//! A server that may open no more files: what it has goes on, and the rest comes in its turn.

use std::{
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::json;

use crate::app::{PATIENCE, Server, place};

const FILES: u32 = 110;
/// More than it may have open at once; those it does not take wait in the kernel.
const CROWD: usize = 150;

#[test]
fn a_server_out_of_descriptors_takes_up_its_work_again() {
    let (_folder, data) = place();
    let mut server = Server::start_with_files(&data, FILES);
    server.set_up();
    let client = server.client();
    let before = server.files();
    let crowd: Vec<_> = (0..CROWD).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    let until = |what: &str, done: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !done() {
            assert!(began.elapsed() < PATIENCE, "never: {what}");
            thread::park_timeout(Duration::from_millis(20));
        }
    };
    until("the crowd is let in as far as that goes", &|| server.files() > before + 20);
    assert!(server.files() <= FILES as usize);
    drop(crowd);
    let body = |n: usize| json!({ "name": "Cora", "email": format!("c{n}@example.com") });
    let tried = std::cell::Cell::new(0);
    until("a write is answered", &|| {
        tried.set(tried.get() + 1);
        let made = client.ask("POST", "/api/contacts", Some(&body(tried.get())));
        made.is_ok_and(|it| it.status == 201)
    });
    for _ in 0..20 {
        assert_eq!(client.ask("GET", "/api/contacts", None).unwrap().status, 200);
    }
    assert_eq!(server.end(Signal::TERM), Some(0));
}
