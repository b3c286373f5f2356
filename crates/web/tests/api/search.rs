//! Looking for words in everything people wrote.

mod operators;

use serde_json::{Value, json};

use crate::{
    app::{Client, TestApp},
    inbox::Letter,
};

async fn found(client: &Client, words: &str) -> Vec<i64> {
    let query: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
    let answer = client.get(&format!("/api/conversations?search={query}")).await;
    assert_eq!(answer.status, 200, "{words}: {}", answer.text);
    let rows = answer.body["data"].as_array().unwrap();
    rows.iter().map(|it| it["number"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn words_are_found_wherever_they_stand() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let mut letter = Letter::new("zoe@quokka.example", "The Réfrigérateur hums loudly at night");
    letter.name = Some("Zoë Quill".to_owned());
    letter.subject = Some("Noise complaint".to_owned());
    let one = app.letter(channel, letter).await;
    app.letter(channel, Letter::new("mei@x.example", "你好，我的订单在哪里？谢谢")).await;
    app.letter(channel, Letter::new("kim@x.example", "nothing of interest")).await;
    let messages = format!("/api/conversations/{one}/messages");
    admin.post(&messages, json!({ "text": "ask the walrus", "private": true })).await;
    admin.post(&format!("/api/conversations/{one}/tags"), json!({ "tag": "appliance" })).await;
    let contacts = admin.get("/api/contacts?search=quokka").await.body;
    let contact = contacts["data"][0]["id"].as_str().unwrap().to_owned();
    let phone = json!({ "phones": ["+62 812-3456-7890"] });
    admin.patch(&format!("/api/contacts/{contact}"), phone).await;

    let cases: [(&str, &[i64]); 22] = [
        ("hums", &[1]),
        ("HUMS loudly", &[1]),
        ("refrigerateur", &[1]),
        ("\"hums loudly\"", &[1]),
        ("\"loudly hums\"", &[]),
        ("refrig*", &[1]),
        ("re*", &[]),
        ("hums nothing", &[]),
        ("complaint", &[1]),
        ("walrus", &[1]),
        ("appliance", &[1]),
        ("quill", &[1]),
        ("zoe@quokka.example", &[1]),
        ("0812 3456 7890", &[1]),
        ("+6281234567890", &[1]),
        ("34567890", &[1]),
        ("订单", &[2]),
        ("单订", &[]),
        ("谢谢", &[2]),
        ("night OR interest", &[]),
        ("interest", &[3]),
        ("-interest", &[3]),
    ];
    for (words, want) in cases {
        assert_eq!(found(&admin, words).await, want, "{words}");
    }
    assert_eq!(found(&admin, "   ").await.len(), 3, "nothing to look for is no search");
    // Filters go with a search.
    let resolved = admin.get("/api/conversations?search=hums&status=resolved").await.body;
    assert_eq!(resolved["data"], json!([]));
    let tagged = admin.get("/api/conversations?search=hums&tag=appliance&unread=true").await.body;
    assert_eq!(tagged["pagination"]["total"], 1);
    // What changes is found under its new words alone.
    admin.patch(&format!("/api/conversations/{one}"), json!({ "subject": "Silence" })).await;
    assert_eq!(found(&admin, "complaint").await, [0_i64; 0]);
    assert_eq!(found(&admin, "silence appliance").await, [1]);
}

#[tokio::test]
async fn an_odd_query_finds_nothing_and_never_errs() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    app.letter(channel, Letter::new("lee@x.example", "hello")).await;
    let odd = [
        "\"",
        "\"\"",
        "\"\"\"",
        "*",
        "**",
        "-",
        "+",
        "^",
        ":",
        "subject:",
        "text:zzz",
        "NEAR(a b)",
        "NOT",
        "AND",
        "OR",
        "(",
        ")",
        "(((",
        "{a b}",
        "a AND",
        "' OR 1=1 --",
        "; DROP TABLE x",
        "%",
        "_",
        "\\",
        "\u{0}",
        "a\u{0}b",
        "\u{feff}",
        "\u{202e}",
        "🦓",
        "𓀀",
        "e\u{301}\u{301}",
        "<script>",
        "null",
        "[]",
        "{}",
        "\u{fffd}",
    ];
    for words in odd {
        assert_eq!(found(&admin, words).await, [0_i64; 0], "{words:?}");
    }
    let long = "word ".repeat(190);
    assert_eq!(found(&admin, &long).await, [0_i64; 0]);
    let broken = admin.get("/api/conversations?search=%FF%FE%80").await;
    assert_eq!(broken.status, 200, "{}", broken.text);
}

#[tokio::test]
async fn pages_of_matches_repeat_nothing_and_miss_nothing() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    // A match in a message, in another message of an earlier conversation, in the subject, and in
    // the name of the contact: each conversation still comes once.
    let mut ids = Vec::new();
    for n in 0..23 {
        let mut letter = Letter::new(&format!("c{}@x.example", n % 4), "a zebra crossed");
        letter.name = Some("Zebra Fan".to_owned());
        letter.subject = Some(if n % 3 == 0 { "zebra" } else { "other" }.to_owned());
        ids.push(app.letter(channel, letter).await);
        app.clock.advance(std::time::Duration::from_secs(1));
        if n % 5 == 4 {
            app.answer(ids[n / 2], Letter::new("c0@x.example", "zebra again")).await;
            app.clock.advance(std::time::Duration::from_secs(1));
        }
    }
    for paging in ["page", "cursor"] {
        let mut seen: Vec<String> = Vec::new();
        let mut place = String::new();
        for page in 2.. {
            let path = format!("/api/conversations?search=zebra&per_page=4{place}");
            let body = admin.get(&path).await.body;
            let rows = body["data"].as_array().unwrap();
            seen.extend(rows.iter().map(|it| it["id"].as_str().unwrap().to_owned()));
            let pagination = &body["pagination"];
            if pagination["has_more"] == false {
                break;
            }
            assert!(page < 20, "{path} never ends");
            place = match paging {
                "page" => format!("&page={page}"),
                _ => format!("&cursor={}", pagination["next_cursor"].as_str().unwrap()),
            };
        }
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!((seen.len(), once.len()), (23, 23), "by {paging}");
        let first: Value = json!(seen[0]);
        let newest = admin.get("/api/conversations?search=zebra&per_page=1").await.body;
        assert_eq!(newest["data"][0]["id"], first);
    }
}
