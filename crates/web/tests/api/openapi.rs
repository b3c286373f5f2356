//! The API's own description.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::app::TestApp;

async fn document(app: &TestApp) -> Value {
    let response = app.nobody().get("/api/openapi.json").await;
    assert_eq!(response.status, 200);
    response.body
}

#[tokio::test]
async fn every_route_of_the_api_is_described() {
    let app = TestApp::spawn().await;
    let document = document(&app).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for route in web::route_table() {
        if !route.path.starts_with("/api/") {
            continue;
        }
        let (method, path) = (route.method.as_str().to_lowercase(), route.path);
        let operation = &document["paths"][path][&method];
        let what = format!("{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|it| !it.is_empty()), "{what}: about()");
        let answers = operation["responses"].as_object().expect("responses");
        assert!(answers.keys().any(|it| it.starts_with('2')), "{what}: what does it answer?");
        let id = operation["operationId"].as_str().expect("operationId").to_owned();
        assert!(ids.insert(id.clone()), "{id} names two operations");
        let open = route.action == domain::policy::Action::Enter;
        assert_eq!(operation["security"].is_null(), open, "{what}");
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let app = TestApp::spawn().await;
    let document = document(&app).await;
    let mut unseen = vec![&document];
    while let Some(value) = unseen.pop() {
        match value {
            Value::Object(it) => {
                if let Some(target) = it.get("$ref").and_then(Value::as_str) {
                    let pointer = target.strip_prefix('#').expect("a reference into the document");
                    assert!(document.pointer(pointer).is_some(), "{target} is not there");
                }
                unseen.extend(it.values());
            }
            Value::Array(it) => unseen.extend(it),
            _ => {}
        }
    }
}

#[tokio::test]
async fn what_is_answered_has_all_its_fields_and_what_is_taken_only_those_it_needs() {
    let app = TestApp::spawn().await;
    let schemas = &document(&app).await["components"]["schemas"];
    let required = |name: &str| -> BTreeSet<&str> {
        let all = schemas[name]["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(Value::as_str).collect()
    };
    assert!(required("ContactView").is_superset(&["id", "name", "notes", "created_at"].into()));
    assert_eq!(required("Send"), ["text"].into());
    assert_eq!(schemas["Send"]["additionalProperties"], false);
    assert_eq!(schemas["ContactView"]["properties"]["created_at"]["format"], "date-time");
    let words = &schemas["ConversationView"]["properties"]["status"]["enum"];
    assert_eq!(*words, serde_json::json!(["open", "pending", "snoozed", "resolved"]));
}

#[tokio::test]
async fn the_page_that_shows_it_comes_from_the_binary_alone() {
    let app = TestApp::spawn().await;
    let entrance = app.nobody().get("/api/docs").await;
    assert!(entrance.text.contains("url=/api/docs/index.html"));
    let policy = entrance.headers["content-security-policy"].to_str().unwrap();
    assert!(!policy.contains("sandbox"), "a page in a sandbox leads nowhere by itself: {policy}");
    let page = app.nobody().get("/api/docs/index.html").await;
    assert_eq!(page.status, 200);
    for file in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        assert!(page.text.contains(file), "{file}");
        assert_eq!(app.nobody().get(&format!("/api/docs/{file}")).await.status, 200, "{file}");
    }
    let start = app.nobody().get("/api/docs/swagger-initializer.js").await;
    assert!(start.text.contains("/api/openapi.json"));
    assert_eq!(app.nobody().get("/api/docs/nothing.js").await.status, 404);
    assert_eq!(app.nobody().get("/api/docs/..%2f..%2fCargo.toml").await.status, 404);
}

/// What clients are generated from changes only where somebody sees it change.
#[tokio::test]
async fn the_kept_document_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let served = TestApp::spawn().await.nobody().get("/api/openapi.json").await.body;
    let served = format!("{}\n", serde_json::to_string_pretty(&served).unwrap());
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, &served).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    let differs = kept.lines().zip(served.lines()).position(|(kept, served)| kept != served);
    assert!(
        kept == served,
        "crates/web/openapi.json is not what is served (from line {}); when that is meant, run \
         UPDATE_SNAPSHOTS=1 cargo test -p web --test api openapi and look at the difference",
        differs.unwrap_or(kept.lines().count().min(served.lines().count())) + 1
    );
}
