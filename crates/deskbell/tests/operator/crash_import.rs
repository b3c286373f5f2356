//! Killed while contacts are taken in: no row is lost, none is done twice.

use std::{fmt::Write, thread, time::Duration};

use rustix::process::Signal;
use serde_json::Value;

use crate::{
    app::{Server, get, place, soon},
    crash::{kills, moment},
};

const ROWS: usize = 3_000;

#[test]
fn an_import_goes_on_where_a_crash_ended_it() {
    let (_folder, data) = place();
    let mut server = Server::start(&data);
    server.set_up();
    let cookie = server.client().cookie;
    let mut table = "name,email,tags\n".to_owned();
    for number in 0..ROWS {
        writeln!(table, "Person {number},p{number}@customer.example,imported").unwrap();
    }
    let client = server.client_with(&cookie);
    let begun = client.send("POST", "/api/contacts/import", "text/csv", &table).unwrap();
    assert_eq!(begun.status, 201, "{}", begun.body);
    let path = format!("/api/contacts/imports/{}", begun.body["id"].as_str().unwrap());

    for round in 0..kills().min(5) {
        thread::sleep(moment(round).min(Duration::from_millis(200)));
        assert_eq!(server.end(Signal::KILL), None, "round {round}: ended by itself");
        server = Server::start(&data);
    }
    let client = server.client_with(&cookie);
    let over = soon("the end of the import", || {
        let it = get(&client, &path);
        (it["status"] == "done").then_some(it)
    });
    let count = |it: &Value, name: &str| it[name].as_u64().unwrap() as usize;
    assert_eq!(count(&over, "created"), ROWS, "{over}");
    assert_eq!((count(&over, "skipped"), count(&over, "failed")), (0, 0), "none twice: {over}");
    let contacts = get(&client, "/api/contacts?per_page=1");
    assert_eq!(count(&contacts["pagination"], "total"), ROWS);
    let rows = get(&client, &format!("{path}/rows?page=100&per_page=30"));
    assert_eq!(rows["pagination"]["total"], ROWS);
    assert_eq!(rows["data"][29]["line"], ROWS + 1);
    assert_eq!(server.end(Signal::TERM), Some(0));
}
