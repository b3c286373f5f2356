//! Mail HTML in its frame: nothing in it runs, and its pictures come by signed links alone.

use std::time::Duration;

use domain::{
    agents::Role,
    ids::{AttachmentId, ConversationId},
    messages::Attachment,
};
use serde_json::{Value, json};

use crate::{
    app::{Client, TestApp},
    inbox::Letter,
};

const GIF: &[u8] = b"GIF89a and so on";

fn file(app: &TestApp, bytes: &[u8], content_id: &str) -> Attachment {
    let hash = app.desk.store.files().put(bytes).unwrap();
    Attachment {
        id: AttachmentId::new(),
        file_hash: hash.to_string(),
        name: "picture.gif".to_owned(),
        mime: "image/gif".to_owned(),
        size: bytes.len() as u64,
        content_id: Some(content_id.to_owned()),
        inline: true,
    }
}

async fn first_message(client: &Client, id: ConversationId) -> Value {
    let body = client.get(&format!("/api/conversations/{id}/messages")).await.body;
    body["data"][0].clone()
}

#[tokio::test]
async fn nothing_active_is_in_what_is_shown() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let attacks = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
        "<a href='javascript:alert(1)'>x</a><a href='java&#9;script:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<iframe src='//evil.example'></iframe><object data=x></object><embed src=x>",
        "<form action=/api/auth/logout><input><button formaction=x>x</button></form>",
        "<base href='//evil.example'><meta http-equiv=refresh content='0;url=//evil.example'>",
        "<link rel=stylesheet href='//evil.example'><div style='background:url(//evil.example)'>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
        "<table background='//evil.example/x'><td background='//evil.example/y'>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "<video poster='//evil.example'><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
        "<img srcset='//evil.example/a 1x'><img src='//evil.example/b'><img src='/api/auth/logout'>",
        "<!--[if IE]><script>alert(1)</script><![endif]--><?php x ?>",
        "</body></html><script>alert(1)</script>",
    ];
    let forbidden = [
        "<script",
        "onerror",
        "onload",
        "javascript:",
        "data:text",
        "<iframe",
        "<object",
        "<embed",
        "<form",
        "<input",
        "<button",
        "formaction",
        "<base",
        "<meta http-equiv",
        "<link",
        "style=",
        "<svg",
        "<math",
        "background",
        "poster",
        "srcset",
        "<video",
        "<audio",
        "evil.example/",
        "src=\"/api/auth",
        "<?php",
    ];
    for attack in attacks {
        let mut letter = Letter::new("lee@x.example", "one");
        letter.html = Some(format!("<p>before</p>{attack}<p>after</p>"));
        let id = app.letter(channel, letter).await;
        let message = first_message(&admin, id).await;
        let inside = message["html"].as_str().unwrap().to_owned();
        let shown = admin.get(message["html_url"].as_str().unwrap()).await;
        assert_eq!(shown.status, 200);
        assert!(shown.text.contains("before"), "{attack}");
        let body = shown.text.split_once("<body dir=\"auto\">").unwrap().1;
        for text in [inside.to_lowercase(), body.to_lowercase()] {
            for it in forbidden {
                // What stands as text is harmless: only tags and their attributes are looked at.
                let tags: String = text
                    .split('<')
                    .skip(1)
                    .filter_map(|it| it.split_once('>'))
                    .fold(String::new(), |all, (tag, _)| format!("{all}<{tag}>"));
                assert!(!tags.contains(it), "{attack}: {it} in {tags}");
            }
        }
    }
}

#[tokio::test]
async fn the_document_has_its_own_policy_and_shows_remote_pictures_when_asked() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let mut letter = Letter::new("lee@x.example", "one");
    letter.html = Some("<p>Hi</p><img src='https://track.example/p.gif'>".to_owned());
    let id = app.letter(channel, letter).await;
    let url = first_message(&admin, id).await["html_url"].as_str().unwrap().to_owned();
    let shown = admin.get(&url).await;
    let policy = shown.headers["content-security-policy"].to_str().unwrap();
    assert_eq!(
        policy,
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
         img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
    );
    assert_eq!(shown.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(shown.headers["x-blocked-images"], "1");
    assert!(!shown.text.contains("track.example"));
    let asked = admin.get(&format!("{url}?images=1")).await;
    assert!(asked.text.contains("https://track.example/p.gif"));
    let policy = asked.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("img-src 'self' data: https: http:;"), "{policy}");
    assert!(policy.starts_with("sandbox allow-popups "), "{policy}");
    let lets_out = ["allow-scripts", "allow-same-origin", "allow-top-navigation", "allow-forms"];
    assert!(!lets_out.iter().any(|it| policy.contains(it)), "{policy}");
    assert_eq!(admin.get(&format!("{url}?images=perhaps")).await.status, 400);

    let plain = app.letter(channel, Letter::new("kim@x.example", "<b>a & b</b>\nc")).await;
    let plain = first_message(&admin, plain).await;
    assert_eq!((&plain["html"], &plain["html_url"]), (&Value::Null, &Value::Null));
    let shown = admin.get(&format!("/api/messages/{}/html", plain["id"].as_str().unwrap())).await;
    assert!(shown.text.contains("&lt;b&gt;a &amp; b&lt;/b&gt;<br>"), "{}", shown.text);
}

#[tokio::test]
async fn inline_pictures_come_by_a_signed_link_for_ten_minutes() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let (ben, as_ben) = app.add(Role::Agent, "ben@example.com").await;
    let channel = app.channel("Support").await;
    let (picture, text) = (file(&app, GIF, "a@b"), file(&app, b"<script>", "c@d"));
    let mut letter = Letter::new("lee@x.example", "one");
    letter.html = Some("<img src='cid:a@b'><img src='cid:c@d'><img src='cid:nobody@x'>".to_owned());
    letter.attachments = vec![picture.clone(), text.clone()];
    let id = app.letter(channel, letter).await;
    let message = first_message(&as_ben, id).await;
    let links: Vec<String> = message["html"]
        .as_str()
        .unwrap()
        .split("src=\"")
        .skip(1)
        .map(|it| it.split('"').next().unwrap().replace("&amp;", "&"))
        .collect();
    assert_eq!(links.len(), 2, "{message}");
    let link = &links[0];
    assert!(link.starts_with(&format!("/api/attachments/{}/picture?agent={ben}", picture.id)));

    // A sandboxed frame sends no cookie.
    let nobody = app.nobody();
    let shown = nobody.get(link).await;
    assert_eq!((shown.status, shown.text.as_bytes()), (200, GIF));
    assert_eq!(shown.headers["content-type"], "image/gif");
    assert_eq!(shown.headers["cross-origin-resource-policy"], "cross-origin");
    assert_eq!(shown.headers["x-content-type-options"], "nosniff");
    assert!(shown.headers["content-disposition"].to_str().unwrap().starts_with("inline"));
    assert_eq!(nobody.get(&links[1]).await.status, 404, "no picture by its bytes");

    let other = file(&app, GIF, "x").id;
    let forged = [
        link.replace(&picture.id.to_string(), &other.to_string()),
        link.replace(&picture.id.to_string(), &text.id.to_string()),
        link.replace(&ben.to_string(), &app.admin_id().await.to_string()),
        link.replace("expires=1", "expires=2"),
        format!("{}{}", &link[..link.len() - 1], if link.ends_with('0') { '1' } else { '0' }),
        link[..link.len() - 2].to_owned(),
        link.split('&').next().unwrap().to_owned(),
        link.split('?').next().unwrap().to_owned(),
        format!("{link}&expires=9"),
        link.replace("signature=", "signature=%00"),
    ];
    let missing = nobody.get("/api/attachments/019a0000-0000-7000-8000-000000000000/picture").await;
    for it in forged {
        let answer = nobody.get(&it).await;
        assert_eq!((answer.status, &answer.text), (404, &missing.text), "{it}");
        assert_eq!(admin.get(&it).await.status, 404, "a cookie helps nobody: {it}");
    }
    app.clock.advance(Duration::from_secs(600));
    assert_eq!(nobody.get(link).await.status, 404, "over");

    let again = first_message(&as_ben, id).await["html"].as_str().unwrap().to_owned();
    let link = again.split('"').nth(1).unwrap().replace("&amp;", "&");
    assert_eq!(nobody.get(&link).await.status, 200);
    let admin = app.sign_in(crate::app::ADMIN).await;
    let off = admin.patch(&format!("/api/agents/{ben}"), json!({ "is_active": false })).await;
    assert_eq!(off.status, 200);
    assert_eq!(nobody.get(&link).await.status, 404, "its agent is gone");
}

#[tokio::test]
async fn a_mail_nested_without_end_is_shown_soon_and_delays_nobody() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let mut letter = Letter::new("lee@x.example", "deep");
    letter.html = Some("<div>".repeat(100_000));
    let deep = app.letter(channel, letter.clone()).await;
    letter.html = Some(format!("<p>{}</p>", "long ".repeat(600_000)));
    let long = app.letter(channel, letter).await;
    for id in [deep, long] {
        let started = std::time::Instant::now();
        let message = first_message(&admin, id).await;
        let shown = admin.get(message["html_url"].as_str().unwrap()).await;
        assert_eq!(shown.status, 200);
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    }
}
