//! Files: sent here, put on a message, fetched again, and never more than that.

use std::time::Duration;

use domain::{ids::AttachmentId, messages::Attachment};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};

use crate::{
    app::{Answer, Client, TestApp, answer},
    inbox::Letter,
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on";

/// A form as browsers write it.
struct Form(Vec<u8>);

impl Form {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn text(self, name: &str, text: &str) -> Self {
        self.part(&format!("name=\"{name}\""), "", text.as_bytes())
    }

    fn file(self, field: &str, name: &str, mime: &str, bytes: &[u8]) -> Self {
        let name = name.replace('\\', "\\\\").replace('"', "\\\"");
        let head = format!("name=\"{field}\"; filename=\"{name}\"");
        self.part(&head, &format!("Content-Type: {mime}\r\n"), bytes)
    }

    fn part(mut self, disposition: &str, more: &str, bytes: &[u8]) -> Self {
        let head = format!("--x-x\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n");
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    async fn post(mut self, client: &Client) -> Answer {
        self.0.extend_from_slice(b"--x-x--\r\n");
        let request = client.request(Method::POST, "/api/attachments");
        let request = request.header("content-type", "multipart/form-data; boundary=x-x");
        answer(request.body(self.0)).await
    }
}

async fn upload(client: &Client, name: &str, mime: &str, bytes: &[u8]) -> Answer {
    Form::new().file("file", name, mime, bytes).post(client).await
}

async fn uploaded(client: &Client, name: &str, bytes: &[u8]) -> String {
    let it = upload(client, name, "text/html", bytes).await;
    assert_eq!(it.status, 201, "{}", it.text);
    it.body["id"].as_str().unwrap().to_owned()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |it| it.to_str().unwrap())
}

#[tokio::test]
async fn an_upload_goes_with_one_message_of_its_uploader_within_an_hour() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let agent = app.agent().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "one")).await;
    let path = format!("/api/conversations/{id}/messages");
    let made = upload(&admin, "Manual gnu.pdf", "text/html", b"%PDF-1.7 hello").await;
    let file = made.body["id"].as_str().unwrap();
    let want = json!({
        "id": file, "name": "Manual gnu.pdf", "mime_type": "application/pdf", "size": 14,
        "inline": false, "url": format!("/api/attachments/{file}"),
    });
    assert_eq!((made.status, &made.body), (201, &want));
    let with = |ids: Value| json!({ "text": "see there", "attachment_ids": ids });

    let url = format!("/api/attachments/{file}");
    assert_eq!(admin.get(&url).await.text, "%PDF-1.7 hello");
    let hidden = agent.get(&url).await;
    let missing = agent.get("/api/attachments/019a0000-0000-7000-8000-000000000000").await;
    assert_eq!((hidden.status, &hidden.text), (404, &missing.text));
    assert_eq!(app.nobody().get(&url).await.status, 401);
    assert_eq!(agent.post(&path, with(json!([file]))).await.status, 400, "another's upload");
    assert_eq!(admin.post(&path, with(json!([file, file]))).await.status, 400, "twice");

    let sent = admin.post(&path, with(json!([file]))).await;
    assert_eq!((sent.status, &sent.body["attachments"]), (201, &json!([want])));
    assert_eq!(admin.post(&path, with(json!([file]))).await.status, 400, "taken already");
    assert_eq!(agent.get(&url).await.text, "%PDF-1.7 hello", "who sees the message sees it");
    let found = admin.get("/api/conversations?search=gnu").await.body;
    assert_eq!(found["pagination"]["total"], 1, "its name is searched");

    // Taken back, it can be sent anew, by whoever took it back.
    let message = sent.body["id"].as_str().unwrap();
    assert_eq!(admin.delete(&format!("/api/messages/{message}")).await.status, 200);
    assert_eq!(agent.get(&url).await.status, 404);
    let again = admin.post(&path, with(json!([file]))).await;
    assert_eq!(again.status, 201, "{}", again.text);

    let late = uploaded(&admin, "late.txt", b"late").await;
    app.clock.advance(Duration::from_secs(3600));
    assert_eq!(admin.post(&path, with(json!([late]))).await.status, 400, "too late");
    let alone = uploaded(&admin, "photo.png", PNG).await;
    let body = json!({ "text": "", "attachment_ids": [alone] });
    let sent = admin.post(&path, body).await;
    assert_eq!((sent.status, &sent.body["type"]), (201, &json!("image")), "{}", sent.text);
    let row = admin.get("/api/conversations").await.body;
    assert_eq!(row["data"][0]["last_message"]["text"], "photo.png");
}

/// An upload of so many megabytes, without the bytes.
async fn heavy(app: &TestApp, megabytes: u64) -> Attachment {
    let uploader = app.admin_id().await;
    let now = app.clock.now();
    let it = Attachment {
        id: AttachmentId::new(),
        file_hash: format!("{megabytes:064x}"),
        name: "film.mp4".to_owned(),
        mime: "video/mp4".to_owned(),
        size: megabytes * 1024 * 1024,
        content_id: None,
        inline: false,
    };
    let stored = it.clone();
    app.write(move |tx| {
        let expires_at = now.plus_seconds(600);
        Ok(storage::attachments::insert_upload(tx, &stored, uploader, expires_at, now)?)
    })
    .await;
    it
}

#[tokio::test]
async fn files_no_provider_takes_together_are_refused_together() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "one")).await;
    let path = format!("/api/conversations/{id}/messages");
    let (large, other, small) =
        (heavy(&app, 20).await, heavy(&app, 16).await, heavy(&app, 15).await);
    for private in [false, true] {
        let body =
            json!({ "text": "films", "private": private, "attachment_ids": [large.id, other.id] });
        let refused = admin.post(&path, body).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        let detail = &refused.body["details"][0];
        assert_eq!(detail["field"], "attachment_ids");
        assert_eq!(
            detail["message"],
            "the files of one message may have 35 MB together, these have 36; send fewer at once"
        );
    }
    let body = json!({ "text": "films", "attachment_ids": [large.id, small.id] });
    assert_eq!(admin.post(&path, body).await.status, 201, "what was refused took no upload");

    // What came in with more cannot go on as one mail.
    let mut letter = Letter::new("lee@x.example", "films");
    letter.attachments = vec![heavy(&app, 18).await, heavy(&app, 19).await];
    for it in &mut letter.attachments {
        it.id = AttachmentId::new();
    }
    let came = app.answer(id, letter).await;
    let body = json!({ "to": "boss@x.example" });
    let refused = admin.post(&format!("/api/messages/{came}/forward"), body).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert!(refused.text.contains("35 MB"), "{}", refused.text);
}

#[tokio::test]
async fn whatever_a_file_claims_it_is_saved_and_never_run() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let unknown = "application/octet-stream";
    let cases: [(&str, &[u8], &str); 12] = [
        ("a.html", b"<script>alert(1)</script>", unknown),
        ("a.xhtml", b"<html xmlns='http://www.w3.org/1999/xhtml'/>", unknown),
        ("a.svg", b"<svg onload='alert(1)'/>", unknown),
        ("a.xml", b"<?xml-stylesheet href='a.xsl'?>", unknown),
        ("a.xsl", b"<xsl:stylesheet/>", unknown),
        ("a.mht", b"MIME-Version: 1.0", unknown),
        ("a.js", b"alert(1)", unknown),
        ("a.pdf", b"%PDF-1.7", unknown),
        ("a.swf", b"CWS", unknown),
        ("a.txt", b"plain", unknown),
        ("a.html", b"GIF89a/*<script>alert(1)</script>*/", "image/gif"),
        ("a.png", PNG, "image/png"),
    ];
    for (name, bytes, mime) in cases {
        let id = uploaded(&admin, name, bytes).await;
        let got = admin.get(&format!("/api/attachments/{id}")).await;
        assert_eq!(got.status, 200);
        let disposition = header(&got.headers, "content-disposition");
        assert!(disposition.starts_with("attachment; filename="), "{name}: {disposition}");
        assert_eq!(header(&got.headers, "content-type"), mime, "{name}");
        assert_eq!(header(&got.headers, "x-content-type-options"), "nosniff");
        let policy = header(&got.headers, "content-security-policy");
        assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{policy}");
        assert_eq!(header(&got.headers, "cross-origin-resource-policy"), "same-origin");
        assert_eq!(header(&got.headers, "content-length"), bytes.len().to_string());
        let inline = admin.get(&format!("/api/attachments/{id}?inline=1")).await;
        let disposition = header(&inline.headers, "content-disposition");
        assert_eq!(disposition.starts_with("inline"), mime != unknown, "{name}: {disposition}");
        assert_eq!(header(&inline.headers, "content-type"), mime);
    }
}

#[tokio::test]
async fn a_player_gets_the_part_it_asks_for() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let song: Vec<u8> =
        (0..200_000u32).map(|it| if it < 4 { b"OggS"[it as usize] } else { it as u8 }).collect();
    let path = format!("/api/attachments/{}", uploaded(&admin, "song.html", &song).await);
    let get = async |headers: &[(&str, &str)]| {
        let mut request = admin.request(Method::GET, &path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let got = request.send().await.unwrap();
        let (status, headers) = (got.status().as_u16(), got.headers().clone());
        (status, headers, got.bytes().await.unwrap())
    };
    let (status, headers, bytes) = get(&[]).await;
    assert_eq!((status, bytes.len()), (200, song.len()));
    assert_eq!(header(&headers, "content-type"), "audio/ogg");
    assert_eq!(header(&headers, "accept-ranges"), "bytes");
    let tag = header(&headers, "etag").to_owned();

    let (status, headers, bytes) = get(&[("range", "bytes=70000-"), ("if-range", &tag)]).await;
    assert_eq!((status, &bytes[..]), (206, &song[70_000..]));
    assert_eq!(header(&headers, "content-range"), "bytes 70000-199999/200000");
    assert_eq!(header(&headers, "content-length"), "130000");
    assert!(header(&headers, "content-disposition").starts_with("attachment;"));
    assert_eq!(header(&headers, "x-content-type-options"), "nosniff");
    assert!(header(&headers, "content-security-policy").contains("sandbox"));

    let (status, _, bytes) = get(&[("range", "bytes=-2")]).await;
    assert_eq!((status, &bytes[..]), (206, &song[199_998..]));
    let (status, _, bytes) = get(&[("range", "bytes=5-9"), ("if-range", "\"other\"")]).await;
    assert_eq!((status, bytes.len()), (200, song.len()));
    let (status, headers, bytes) = get(&[("range", "bytes=200000-")]).await;
    assert_eq!((status, bytes.len()), (416, 0));
    assert_eq!(header(&headers, "content-range"), "bytes */200000");
}

#[tokio::test]
async fn a_name_is_for_people_and_never_a_path() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let long = format!("{}.{}", "a".repeat(3_000), "b".repeat(5_000));
    let cases = [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/shadow", "shadow"),
        ("C:\\x\\y.txt", "y.txt"),
        ("in\u{200b}voice\u{202e}fdp.exe", "invoicefdp.exe"),
        (".htaccess", "htaccess"),
        ("con.txt", "_con.txt"),
        ("trailing. . .", "trailing"),
        ("...", "text.txt"),
        ("naïve 文件.txt", "naïve 文件.txt"),
        (&long, ""),
    ];
    for (name, want) in cases {
        let it = upload(&admin, name, "x/y", b"plain").await;
        assert_eq!(it.status, 201, "{name}: {}", it.text);
        let got = it.body["name"].as_str().unwrap();
        assert!(got.len() <= 200 && !got.contains(['/', '\\', '\0']), "{name}: {got}");
        if name != long && name != "..." {
            assert_eq!(got, want);
        }
        let id = it.body["id"].as_str().unwrap();
        let file = admin.get(&format!("/api/attachments/{id}")).await;
        let disposition = header(&file.headers, "content-disposition").to_owned();
        assert!(!disposition.contains(['\r', '\n']), "{disposition}");
    }
    let folder = app.desk.store.files().folder().to_owned();
    for (hash, ..) in app.desk.store.files().list().unwrap() {
        assert!(app.desk.store.files().path(hash).starts_with(&folder));
    }
    for id in ["..%2F..%2Fdeskbell.db", "%2e%2e", "x", "1", "C:%5Cx"] {
        let answer = admin.get(&format!("/api/attachments/{id}")).await;
        assert_eq!(answer.status, 404, "{id}");
    }
}

#[tokio::test]
async fn a_form_has_its_limits() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let mut many = Form::new();
    for n in 0..51 {
        many = many.text(&format!("f{n}"), "x");
    }
    let largest = usize::try_from(desk::attachments::MAX_BYTES).unwrap();
    let file = |size: usize| Form::new().file("file", "a.bin", "x/y", &vec![0; size]);
    let cases = [
        (file(largest + 1), 413),
        (file(largest), 201),
        (Form::new().text("x", &"y".repeat(70_000)), 413),
        (Form::new().text("file", "no file"), 400),
        (file(0), 400),
        (file(1).file("other", "b.bin", "x/y", b"2"), 400),
        (many, 400),
        (Form::new().text("comment", "hello").file("anything", "a.bin", "x/y", b"1"), 201),
    ];
    for (at, (form, want)) in cases.into_iter().enumerate() {
        let got = form.post(&admin).await;
        assert_eq!(got.status, want, "case {at}: {}", got.text);
    }
    let json = admin.post("/api/attachments", json!({ "file": "x" })).await;
    assert_eq!(json.status, 415);
    let broken = admin
        .request(Method::POST, "/api/attachments")
        .header("content-type", "multipart/form-data; boundary=x")
        .body("--y\r\nnot a form");
    assert_eq!(answer(broken).await.status, 400);
    let unbounded = admin
        .request(Method::POST, "/api/attachments")
        .header("content-type", "multipart/form-data")
        .body("x");
    assert_eq!(answer(unbounded).await.status, 400);
    let foreign = admin.with("Origin", "https://evil.example");
    assert_eq!(upload(&foreign, "a.txt", "text/plain", b"x").await.status, 403);
    assert_eq!(upload(&app.nobody(), "a.txt", "text/plain", b"x").await.status, 401);
}

#[tokio::test]
async fn an_agent_can_wait_with_so_many_files_and_no_more() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let agent = app.agent().await;
    for n in 0..60 {
        uploaded(&admin, "a.txt", n.to_string().as_bytes()).await;
    }
    let refused = upload(&admin, "a.txt", "text/plain", b"x").await;
    assert_eq!(refused.status, 429);
    assert_eq!(header(&refused.headers, "retry-after"), "60");
    uploaded(&agent, "a.txt", b"another agent's").await;
    app.clock.advance(Duration::from_secs(61));
    uploaded(&admin, "a.txt", b"a minute later").await;
}

#[tokio::test]
async fn of_two_messages_that_take_one_upload_at_once_one_gets_it() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "one")).await;
    let path = format!("/api/conversations/{id}/messages");
    for n in 0..10 {
        let file = uploaded(&admin, "a.txt", n.to_string().as_bytes()).await;
        let body = json!({ "text": "x", "attachment_ids": [file] });
        let (one, other) =
            tokio::join!(admin.post(&path, body.clone()), admin.post(&path, body.clone()));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 400]);
    }
}
