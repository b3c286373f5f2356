//! Contacts as tables.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Client, TestApp, answer};

#[tokio::test]
async fn admins_take_contacts_out_as_a_table_that_runs_no_formula() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let cora = json!({
        "name": "=cmd|' /C calc'!A0", "emails": ["cora@example.org", "c@example.org"],
        "phones": ["+62 812 3456 7890"], "tags": ["vip"], "notes": "two\nlines",
        "external_ids": { "shop": "17" }, "attributes": { "plan": "gold" },
    });
    assert_eq!(admin.post("/api/contacts", cora).await.status, 201);
    for number in 0..250 {
        let new = json!({ "name": format!("Person {number}") });
        assert_eq!(admin.post("/api/contacts", new).await.status, 201);
    }
    let file = admin.with("accept", "text/csv").get("/api/contacts").await;
    assert_eq!(file.status, 200, "{}", file.text);
    let lines: Vec<_> = file.text.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 252, "a header and all, over several pages");
    assert!(lines[0].starts_with("\"id\",\"name\",\"emails\",\"phones\""), "{}", lines[0]);
    assert!(lines[1].contains("\"Person 249\""), "{}", lines[1]);
    let cells = "\"'=cmd|' /C calc'!A0\",\"cora@example.org; c@example.org\",\"'+6281234567890\",\
        \"vip\",\"two\nlines\",\"false\",\"shop:17\",\"{\"\"plan\"\":\"\"gold\"\"}\"";
    assert!(lines[251].contains(cells), "{}", lines[251]);

    let rather = admin.with("accept", "text/csv;q=0").get("/api/contacts").await;
    assert!(rather.body["data"].is_array(), "refused by name: {}", rather.text);
    let found = admin.with("accept", "text/csv").get("/api/contacts?tag=vip").await;
    assert_eq!(found.text.trim_end().split("\r\n").count(), 2, "filtered as the list is");
    let audited = admin.get("/api/audit?action=contacts_exported").await;
    assert_eq!(audited.body["pagination"]["total"], 2);

    let agent = app.agent().await.with("accept", "text/csv");
    assert_eq!(agent.get("/api/contacts").await.status, 403, "agents read, admins take away");
}

async fn import(client: &Client, query: &str, table: &str) -> Answer {
    let request = client.request(Method::POST, &format!("/api/contacts/import?{query}"));
    answer(request.header("content-type", "text/csv").body(table.as_bytes().to_vec())).await
}

fn results(answer: &Answer) -> Vec<&str> {
    let rows = answer.body["rows"].as_array().unwrap();
    rows.iter().map(|it| it["result"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_table_is_tried_taken_in_and_told_row_by_row() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let table = "Name;E-mail;Phone;Tags;Shoe size\r\n\
        Cora;cora@example.org;'+62 812 3456 7890;vip, new;38\r\n\
        Dan;not an address;;;\r\n\
        Nobody;;;;\r\n\
        Cora again;CORA@example.org;;;\r\n";
    let tried = import(&admin, "dry_run=true", table).await;
    assert_eq!(tried.status, 200, "{}", tried.text);
    assert_eq!(results(&tried), ["created", "failed", "failed", "skipped"]);
    assert_eq!(tried.body["columns"][1], json!({ "name": "E-mail", "field": "emails" }));
    assert_eq!(tried.body["columns"][4]["field"], Value::Null);
    assert_eq!(admin.get("/api/contacts").await.body["pagination"]["total"], 0, "nothing is kept");

    let taken = import(&admin, "", table).await;
    assert_eq!(results(&taken), ["created", "failed", "failed", "skipped"], "{}", taken.text);
    let counts = ["created", "updated", "skipped", "failed"].map(|it| taken.body[it].as_u64());
    assert_eq!(counts, [Some(1), Some(0), Some(1), Some(2)]);
    let rows = &taken.body["rows"];
    assert_eq!((&rows[1]["line"], &rows[3]["line"]), (&json!(3), &json!(5)));
    assert!(rows[1]["reason"].as_str().unwrap().starts_with("emails[0]: "), "{}", taken.text);
    let id = rows[0]["contact_id"].as_str().unwrap();
    assert_eq!(rows[3]["contact_id"], id);
    let cora = admin.get(&format!("/api/contacts/{id}")).await.body;
    assert_eq!(cora["phones"], json!(["+6281234567890"]));
    assert_eq!(cora["tags"], json!(["vip", "new"]));

    let again = import(&admin, "", table).await;
    assert_eq!(again.body["created"], 0, "sent again it makes nobody twice");
    let more = "email,phone,name\ncora@example.org,+6281234567891,Cora Smith\n";
    let updated = import(&admin, "duplicates=update", more).await;
    assert_eq!(results(&updated), ["updated"], "{}", updated.text);
    let cora = admin.get(&format!("/api/contacts/{id}")).await.body;
    assert_eq!(cora["name"], "Cora Smith");
    assert_eq!(cora["phones"], json!(["+6281234567890", "+6281234567891"]));
    let audited = admin.get("/api/audit?action=import_finished").await.body;
    assert_eq!(audited["pagination"]["total"], 3, "not what was only tried");
    assert_eq!(audited["data"][0]["details"]["updated"], 1);
}

#[tokio::test]
async fn what_was_taken_out_goes_in_again() {
    let (app, other) = (TestApp::spawn().await, TestApp::spawn().await);
    let admin = app.admin().await;
    for number in 0..120 {
        let new = json!({
            "name": format!("=Person {number}"), "emails": [format!("p{number}@example.org")],
            "phones": [format!("+62812345{number:05}")], "notes": "two\nlines",
        });
        assert_eq!(admin.post("/api/contacts", new).await.status, 201);
    }
    let table = admin.with("accept", "text/csv").get("/api/contacts").await.text;
    let taken = import(&other.admin().await, "", &table).await;
    assert_eq!(taken.body["created"], 120, "{}", taken.text);
    let found = other.admin().await.get("/api/contacts?search=p7%40example.org").await.body;
    assert_eq!(found["data"][0]["name"], "=Person 7");
    assert_eq!(found["data"][0]["phones"], json!(["+6281234500007"]));
}

#[tokio::test]
async fn a_hostile_table_is_refused_or_fails_by_the_row() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let long = format!("email,name\na@example.org,{}\n", "x".repeat(2_000_000));
    assert_eq!(results(&import(&admin, "", &long).await), ["failed"]);
    let control = "email,name\nb@example.org,\u{1b}[2J\n";
    let taken = import(&admin, "", control).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    let cases = ["", "name\nCora\n", "email\n\0\n", "email\n\"never closed"];
    for table in cases {
        let status = import(&admin, "dry_run=true", table).await.status;
        assert!(status == 400 || (table.contains("never") && status == 200), "{table:?}: {status}");
    }
    let rows = format!("email\n{}", "x@example.org\n".repeat(10_001));
    let refused = import(&admin, "", &rows).await;
    assert_eq!((refused.status, &refused.body["details"][0]["field"]), (400, &json!("file")));
    let json = admin.post("/api/contacts/import", json!({})).await;
    assert_eq!(json.status, 415);
    let large = import(&admin, "", &"x".repeat(10 * 1024 * 1024 + 1)).await;
    assert_eq!(large.status, 413);
    assert_eq!(import(&app.agent().await, "", "email\nx@example.org\n").await.status, 403);
}
