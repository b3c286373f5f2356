//! Contacts from a file.

use std::fmt::Write;

use domain::{agents::Role, ids::ImportId, jobs::JobKind};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::{Answer, Client, TestApp, answer},
    stream::ear::Ear,
};

async fn send(client: &Client, query: &str, table: impl Into<Vec<u8>>) -> Answer {
    let request = client.request(Method::POST, &format!("/api/contacts/import?{query}"));
    answer(request.header("content-type", "text/csv").body(table.into())).await
}

/// Sends a table and lets the job do its work.
async fn import(app: &TestApp, query: &str, table: impl Into<Vec<u8>>) -> Value {
    let begun = send(&app.admin().await, query, table).await;
    assert_eq!(begun.status, 201, "{}", begun.text);
    assert_eq!(begun.body["status"], "queued");
    finish(app, &begun.body).await
}

async fn finish(app: &TestApp, begun: &Value) -> Value {
    desk::workers::step(&app.desk).await.unwrap();
    let admin = app.admin().await;
    admin.get(&format!("/api/contacts/imports/{}", begun["id"].as_str().unwrap())).await.body
}

async fn rows(app: &TestApp, import: &Value) -> Vec<Value> {
    let path = format!("/api/contacts/imports/{}/rows", import["id"].as_str().unwrap());
    app.admin().await.get(&path).await.body["data"].as_array().unwrap().clone()
}

fn results(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|it| it["result"].as_str().unwrap()).collect()
}

fn counts(import: &Value) -> [u64; 4] {
    ["created", "updated", "skipped", "failed"].map(|it| import[it].as_u64().unwrap())
}

const TABLE: &str = "Name;E-mail;Phone;Tags;Shoe size\r\n\
    Cora;cora@example.org;'+62 812 3456 7890;vip, new;38\r\n\
    Dan;not an address;;;\r\n\
    Nobody;;;;\r\n\
    Cora again;CORA@example.org;;;\r\n";

#[tokio::test]
async fn a_table_is_tried_taken_in_and_told_row_by_row() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let tried = import(&app, "dry_run=true&name=people.csv", TABLE).await;
    assert_eq!((&tried["status"], &tried["dry_run"]), (&json!("done"), &json!(true)));
    assert_eq!((&tried["name"], &tried["total"]), (&json!("people.csv"), &json!(4)));
    assert_eq!(counts(&tried), [1, 0, 1, 2], "{tried}");
    assert_eq!(tried["columns"][1], json!({ "name": "E-mail", "field": "emails" }));
    assert_eq!(tried["columns"][4]["field"], Value::Null);
    assert_eq!(tried["author"]["name"], "Ann Admin");
    assert!(rows(&app, &tried).await.iter().all(|it| it["contact_id"].is_null()));
    assert_eq!(admin.get("/api/contacts").await.body["pagination"]["total"], 0, "nothing is kept");

    // What was tried is taken in without sending it again.
    assert_eq!(tried["file_kept"], true);
    let again = format!("/api/contacts/imports/{}/start", tried["id"].as_str().unwrap());
    let begun = admin.post(&again, json!({})).await;
    assert_eq!(begun.status, 201, "{}", begun.text);
    assert_eq!((&begun.body["dry_run"], &begun.body["done"]), (&json!(false), &json!(0)));
    let taken = finish(&app, &begun.body).await;
    assert_eq!(counts(&taken), [1, 0, 1, 2], "{taken}");
    assert_eq!((&taken["file_kept"], &taken["name"]), (&json!(false), &json!("people.csv")));
    let told = rows(&app, &taken).await;
    assert_eq!(results(&told), ["created", "failed", "failed", "skipped"]);
    assert_eq!((&told[1]["line"], &told[3]["line"]), (&json!(3), &json!(5)));
    assert!(told[1]["reason"].as_str().unwrap().starts_with("emails[0]: "), "{told:?}");
    let id = told[0]["contact_id"].as_str().unwrap();
    assert_eq!(told[3]["contact_id"], id);
    let cora = admin.get(&format!("/api/contacts/{id}")).await.body;
    assert_eq!(cora["phones"], json!(["+6281234567890"]));
    assert_eq!(cora["tags"], json!(["vip", "new"]));

    let again = import(&app, "", TABLE).await;
    assert_eq!(counts(&again), [0, 0, 2, 2], "sent again it makes nobody twice");
    let more = "email,phone,name\ncora@example.org,+6281234567891,Cora Smith\n";
    let updated = import(&app, "duplicates=update", more).await;
    assert_eq!(counts(&updated), [0, 1, 0, 0], "{updated}");
    let cora = admin.get(&format!("/api/contacts/{id}")).await.body;
    assert_eq!(cora["name"], "Cora Smith");
    assert_eq!(cora["phones"], json!(["+6281234567890", "+6281234567891"]));
    let audited = admin.get("/api/audit?action=import_finished").await.body;
    assert_eq!(audited["pagination"]["total"], 3, "not what was only tried");
    assert_eq!(audited["data"][0]["details"]["updated"], 1);
    let started = admin.get("/api/audit?action=import_started").await.body;
    assert_eq!(started["data"][0]["actor"]["name"], "Ann Admin");
}

#[tokio::test]
async fn columns_hold_what_their_names_or_the_sender_say() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let table = "Vorname;Nachname;Kd.-Nr.;Ort;Gesperrt;Notiz;external_ids;attributes;Fax\n\
        Cora;Kind;17;Ulm;ja;hello;crm:4;\"{\"\"plan\"\":2}\";+62 21 1\n\
        Dan;;18;Bonn;perhaps;;;;\n\
        Eve;;19;Köln;;;crm;;\n";
    let refused = send(&admin, "", table.replace("external_ids", "x")).await;
    assert_eq!((refused.status, &refused.body["details"][0]["field"]), (400, &json!("columns")));
    for (columns, field) in [
        (r#"{"Size":"tags"}"#, "columns.Size"),
        (r#"{"Ort":"city"}"#, "columns.Ort"),
        ("[]", "columns"),
    ] {
        let refused = send(&admin, &format!("columns={}", encoded(columns)), table).await;
        let first = &refused.body["details"][0]["field"];
        assert_eq!((refused.status, first), (400, &json!(field)), "{}", refused.text);
    }
    let columns = encoded(r#"{"kd.-nr.":"external_ids.shop","Ort":"attributes.city","Fax":null}"#);
    let taken = import(&app, &format!("columns={columns}"), table).await;
    let told = rows(&app, &taken).await;
    assert_eq!(results(&told), ["created", "failed", "failed"], "{told:?}");
    assert_eq!(told[1]["reason"], "blocked: must be yes or no");
    let path = format!("/api/contacts/{}", told[0]["contact_id"].as_str().unwrap());
    let cora = admin.get(&path).await.body;
    assert_eq!((&cora["name"], &cora["blocked"]), (&json!("Cora Kind"), &json!(true)));
    assert_eq!(cora["external_ids"], json!({ "crm": "4", "shop": "17" }));
    assert_eq!(cora["attributes"], json!({ "city": "Ulm", "plan": 2 }));
    assert_eq!((&cora["notes"], &cora["phones"]), (&json!("hello"), &json!([])));

    // Known again by an id alone; what is there stays beside what is new.
    let more = "external_ids.shop,attributes.size,blocked\n17,38,no\n";
    let updated = import(&app, "duplicates=update", more).await;
    assert_eq!(counts(&updated), [0, 1, 0, 0], "{updated}");
    let cora = admin.get(&path).await.body;
    assert_eq!(cora["attributes"], json!({ "city": "Ulm", "plan": 2, "size": "38" }));
    assert_eq!((&cora["blocked"], &cora["name"]), (&json!(false), &json!("Cora Kind")));
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn a_trial_of_many_rows_knows_who_was_met_before() {
    let app = TestApp::spawn().await;
    let mut table = "email,name\n".to_owned();
    for number in 0..200 {
        writeln!(table, "p{}@example.org,Person {number}", number % 150).unwrap();
    }
    let tried = import(&app, "dry_run=true", table.clone()).await;
    let taken = import(&app, "", table).await;
    assert_eq!(counts(&tried), [150, 0, 50, 0]);
    assert_eq!(counts(&taken), counts(&tried));
    let path = format!(
        "/api/contacts/imports/{}/rows?result=skipped&per_page=1",
        tried["id"].as_str().unwrap()
    );
    let first = app.admin().await.get(&path).await.body;
    assert_eq!(first["data"][0]["reason"], "is in line 2 already");
    assert_eq!(first["pagination"]["total"], 50);
}

#[tokio::test]
async fn what_was_taken_out_goes_in_again() {
    let (app, other) = (TestApp::spawn().await, TestApp::spawn().await);
    let admin = app.admin().await;
    for number in 0..120 {
        let new = json!({
            "name": format!("=Person {number}"), "emails": [format!("p{number}@example.org")],
            "phones": [format!("+62812345{number:05}")], "notes": "two\nlines",
            "external_ids": { "shop": number.to_string() }, "attributes": { "plan": number },
            "blocked": number == 7,
        });
        assert_eq!(admin.post("/api/contacts", new).await.status, 201);
    }
    let table = admin.with("accept", "text/csv").get("/api/contacts").await.text;
    let taken = import(&other, "", table).await;
    assert_eq!(taken["created"], 120, "{taken}");
    let found = other.admin().await.get("/api/contacts?search=p7%40example.org").await.body;
    let seven = &found["data"][0];
    assert_eq!((&seven["name"], &seven["blocked"]), (&json!("=Person 7"), &json!(true)));
    assert_eq!(seven["phones"], json!(["+6281234500007"]));
    assert_eq!(seven["external_ids"], json!({ "shop": "7" }));
    assert_eq!(
        (&seven["attributes"], &seven["notes"]),
        (&json!({ "plan": 7 }), &json!("two\nlines"))
    );
}

#[tokio::test]
async fn who_watches_hears_how_far_it_is_and_a_report_is_read_to_its_end() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let mut ear = Ear::open(&admin, None).await;
    let mut other = Ear::open(&agent, None).await;
    ear.ready().await;
    other.ready().await;
    let mut table = "email\n".to_owned();
    for number in 0..230 {
        writeln!(table, "p{number}@example.org").unwrap();
    }
    let taken = import(&app, "", table).await;
    assert_eq!(ear.next("import_started").await.data["import_id"], taken["id"]);
    let progress = ear.next("import_progressed").await.data;
    assert_eq!((&progress["done"], &progress["total"]), (&json!(50), &json!(230)));
    let finished = ear.next("import_finished").await.data;
    assert_eq!((&finished["import_id"], &finished["created"]), (&taken["id"], &json!(230)));
    assert_eq!(admin.post("/api/settings/workspace", json!({ "name": "Other" })).await.status, 200);
    let heard = other.until("settings_changed").await;
    assert!(!heard.iter().any(|it| it.starts_with("import")), "admins alone: {heard:?}");

    let path = format!("/api/contacts/imports/{}/rows", taken["id"].as_str().unwrap());
    let mut lines = Vec::new();
    let mut next = format!("{path}?per_page=100");
    loop {
        let page = admin.get(&next).await.body;
        lines.extend(page["data"].as_array().unwrap().iter().map(|it| it["line"].as_u64()));
        let Some(cursor) = page["pagination"]["next_cursor"].as_str() else { break };
        next = format!("{path}?per_page=100&cursor={cursor}");
    }
    assert_eq!(lines, (2..232).map(Some).collect::<Vec<_>>());
    let file = admin.with("accept", "text/csv").get(&path).await;
    assert_eq!(file.text.trim_end().split("\r\n").count(), 231, "{}", file.text);
    assert!(file.text.starts_with("\"line\",\"result\",\"contact_id\",\"reason\"\r\n\"2\""));
    let listed = admin.get("/api/contacts/imports").await.body;
    assert_eq!(listed["data"][0], taken);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_import_is_news_as_a_whole_unless_its_contacts_shall_be() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let rule = json!({
        "name": "Note newcomers", "trigger": "contact_created",
        "actions": [{ "type": "stop" }],
    });
    let rule = admin.post("/api/automations", rule).await;
    assert_eq!(rule.status, 201, "{}", rule.text);
    let path = format!("/api/automations/{}", rule.body["id"].as_str().unwrap());
    let mut ear = Ear::open(&admin, None).await;
    ear.ready().await;

    let cases = [("", 0), ("run_automations=false", 0), ("run_automations=true", 2)];
    for (number, (query, runs)) in cases.into_iter().enumerate() {
        let table = format!("email\na{number}@example.org\nb{number}@example.org\n");
        let before = admin.get(&path).await.body["matches"].as_i64().unwrap();
        let taken = import(&app, query, table.clone()).await;
        assert_eq!(counts(&taken), [2, 0, 0, 0], "{query}");
        let after = admin.get(&path).await.body["matches"].as_i64().unwrap();
        assert_eq!(after - before, runs, "{query}");
        let heard = ear.until("import_finished").await;
        let told = heard.iter().filter(|it| *it == "contact_created").count();
        assert_eq!(told as i64, runs, "{query}: {heard:?}");
        // Who is there already is changed as quietly.
        let changed = format!("{}&duplicates=update", query);
        let named = table.replace("email", "email,name").replace(".org", ".org,Kim");
        assert_eq!(counts(&import(&app, &changed, named).await), [0, 2, 0, 0], "{query}");
        let heard = ear.until("import_finished").await;
        let told = heard.iter().filter(|it| *it == "contact_changed").count();
        assert_eq!(told as i64, runs, "{query}: {heard:?}");
    }
}

#[tokio::test]
async fn an_import_can_be_stopped_and_gone_on_with() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let begun = send(&admin, "", "email\na@example.org\n").await.body;
    let path = format!("/api/contacts/imports/{}", begun["id"].as_str().unwrap());
    let cancelled = admin.post_nothing(&format!("{path}/cancel")).await;
    assert_eq!((cancelled.status, &cancelled.body["status"]), (200, &json!("cancelled")));
    assert_eq!(admin.post_nothing(&format!("{path}/cancel")).await.status, 409);
    assert_eq!(finish(&app, &begun).await["done"], 0, "nothing is done any more");
    let again = admin.post(&format!("{path}/start"), json!({ "dry_run": false })).await;
    assert_eq!(counts(&finish(&app, &again.body).await), [1, 0, 0, 0]);
    let actions = admin.get("/api/audit?action=import_cancelled").await.body;
    assert_eq!(actions["pagination"]["total"], 1);

    for _ in 0..3 {
        assert_eq!(send(&admin, "", "email\nb@example.org\n").await.status, 201);
    }
    let refused = send(&admin, "", "email\nb@example.org\n").await;
    assert_eq!(refused.status, 409, "{}", refused.text);
}

#[tokio::test]
async fn the_same_request_begins_one_import() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await.with("idempotency-key", "once");
    let first = send(&admin, "", "email\na@example.org\n").await;
    let second = send(&admin, "", "email\na@example.org\n").await;
    assert_eq!((second.status, &second.body["id"]), (201, &first.body["id"]));
    let other = send(&admin, "", "email\nb@example.org\n").await;
    assert_eq!(other.status, 409, "{}", other.text);
}

#[tokio::test]
async fn who_lost_the_role_imports_no_more() {
    let app = TestApp::spawn().await;
    let (id, other) = app.add(Role::Admin, "eve@example.com").await;
    let begun = send(&other, "", "email\na@example.org\n").await;
    assert_eq!(begun.status, 201, "{}", begun.text);
    let demoted = json!({ "role": "agent" });
    let path = format!("/api/agents/{id}/role");
    assert_eq!(app.admin().await.post(&path, demoted).await.status, 200);
    let over = finish(&app, &begun.body).await;
    assert_eq!((&over["status"], &over["done"]), (&json!("failed"), &json!(0)));
    assert!(over["error"].is_string());
}

#[tokio::test]
async fn a_job_that_starts_again_does_no_row_twice() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let mut table = "email\n".to_owned();
    for number in 0..500 {
        writeln!(table, "p{number}@example.org").unwrap();
    }
    let mut ear = Ear::open(&admin, None).await;
    ear.ready().await;
    for query in ["", "dry_run=true"] {
        let begun = send(&admin, query, table.clone()).await.body;
        let desk = app.desk.clone();
        let running = tokio::spawn(async move { desk::workers::step(&desk).await });
        ear.next("import_progressed").await;
        running.abort();
        assert!(running.await.is_err(), "it was cut off in the middle");
        let over = finish(&app, &begun).await;
        assert_eq!(over["status"], "done", "{over}");
        let known = query.is_empty();
        assert_eq!(counts(&over), if known { [500, 0, 0, 0] } else { [0, 0, 500, 0] }, "{over}");
        let id: ImportId = begun["id"].as_str().unwrap().parse().unwrap();
        let left = app.desk.store.read(move |db| storage::jobs::find(db, JobKind::RunImport, id.0));
        assert_eq!(left.await.unwrap(), None);
    }
}

#[tokio::test]
async fn files_and_reports_go_when_their_time_is_over() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let tried = import(&app, "dry_run=true", "email\na@example.org\n").await;
    let path = format!("/api/contacts/imports/{}", tried["id"].as_str().unwrap());
    app.clock.advance(std::time::Duration::from_secs(25 * 3600));
    desk::workers::housekeeping::keep_house(&app.desk).await.unwrap();
    let client = app.sign_in(crate::app::ADMIN).await;
    assert_eq!(client.get(&path).await.body["file_kept"], false);
    let gone = client.post(&format!("{path}/start"), json!({})).await;
    assert_eq!(gone.status, 409, "{}", gone.text);
    app.clock.advance(std::time::Duration::from_secs(31 * 24 * 3600));
    desk::workers::housekeeping::keep_house(&app.desk).await.unwrap();
    let client = app.sign_in(crate::app::ADMIN).await;
    assert_eq!(client.get(&path).await.status, 404);
    drop(admin);
}

#[tokio::test]
async fn a_hostile_table_is_refused_or_fails_by_the_row() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let long = format!("email,name\na@example.org,{}\n", "x".repeat(200_000));
    assert_eq!(counts(&import(&app, "", long).await), [0, 0, 0, 1]);
    let control = import(&app, "", "email,name\nb@example.org,\u{1b}[2J\n").await;
    assert_eq!(counts(&control), [0, 0, 0, 1]);
    let open = format!("email\n\"{}", "x".repeat(1_100_000));
    let many = format!("email\n{}", "x@example.org\n".repeat(250_001));
    let cases: [(&str, Vec<u8>); 6] = [
        ("file", Vec::new()),
        ("columns", b"name\nCora\n".to_vec()),
        ("file", b"email\n".to_vec()),
        ("file", b"email\n\0\n".to_vec()),
        ("file", open.into_bytes()),
        ("file", many.into_bytes()),
    ];
    for (field, table) in cases {
        let refused = send(&admin, "dry_run=true", table).await;
        let first = &refused.body["details"][0]["field"];
        assert_eq!((refused.status, first), (400, &json!(field)), "{}", refused.text);
    }
    let taken = json!({ "email": "kim@example.org" });
    assert_eq!(admin.post("/api/contacts", taken).await.status, 201);
    let named = import(&app, "duplicates=update", "email,phone\nkim@example.org,x\n").await;
    let reason = rows(&app, &named).await[0]["reason"].as_str().unwrap().to_owned();
    assert!(!reason.contains("kim@"), "a report names nobody: {reason}");
    let json = admin.post("/api/contacts/import", json!({})).await;
    assert_eq!(json.status, 415);
    let large = send(&admin, "", "x".repeat(50 * 1024 * 1024 + 1)).await;
    assert_eq!(large.status, 413);
    assert_eq!(send(&app.agent().await, "", "email\nx@example.org\n").await.status, 403);
    assert_eq!(send(&admin, "name=%00", "email\nx@example.org\n").await.status, 400);
}
