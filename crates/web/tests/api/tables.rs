//! Contacts as tables.

use serde_json::json;

use crate::app::TestApp;

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
