//! A mail as it came, to be saved and read elsewhere.

use domain::{
    ids::{InboundId, MessageId},
    mails::{Fate, Inbound},
};
use serde_json::Value;

use crate::{app::TestApp, inbox::Letter};

#[tokio::test]
async fn a_mail_can_be_had_as_it_came() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let raw = b"From: lee@x.example\r\n\r\n<script>alert(1)</script>";
    let hash = app.desk.store.files().put(raw).unwrap().to_string();
    let item = Inbound {
        id: InboundId::new(),
        channel_id: channel,
        source_key: "INBOX 1 1".to_owned(),
        content_key: "x".to_owned(),
        file_hash: Some(hash.clone()),
        size: raw.len() as u64,
        received_at: app.clock.now(),
        from_address: None,
        subject: None,
        backfill: false,
        fate: Fate::Pending,
        reason: None,
        message_id: None,
        conversation_id: None,
        attempts: 0,
        settled_at: None,
    };
    let inbound = item.id;
    app.write(move |tx| {
        storage::attachments::refer_to_file(tx, &hash, item.size, item.received_at)?;
        Ok(storage::inbound::put(tx, &item)?)
    })
    .await;
    let id = app.letter(channel, Letter::new("lee@x.example", "one")).await;
    let body = admin.get(&format!("/api/conversations/{id}/messages")).await.body;
    let message = body["data"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(body["data"][0]["raw_url"], Value::Null);
    let path = format!("/api/messages/{message}/raw");
    assert_eq!(admin.get(&path).await.status, 404, "it did not come by mail");

    let key: MessageId = message.parse().unwrap();
    app.write(move |tx| {
        let it = storage::messages::find(tx, key)?.unwrap();
        let mut mail = it.mail.unwrap();
        mail.inbound_id = Some(inbound);
        Ok(storage::messages::set_mail(tx, it.seq, &mail)?)
    })
    .await;
    let shown = admin.get(&format!("/api/messages/{message}")).await.body;
    assert_eq!(shown["raw_url"], path.as_str());
    let got = admin.get(&path).await;
    assert_eq!((got.status, got.text.as_bytes()), (200, raw.as_slice()));
    assert_eq!(got.headers["content-type"], "application/octet-stream");
    let disposition = got.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment; filename=\"message.eml\""), "{disposition}");
}
