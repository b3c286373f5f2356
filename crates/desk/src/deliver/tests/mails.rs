//! What a reply looks like when it arrives.

use connectors::email::parse::parse;
use domain::{
    ids::AttachmentId,
    jobs::JobState,
    messages::{Attachment, DeliveryStatus, SenderType},
};
use storage::{attachments, contacts, deliveries::Outcome};

use super::*;
use crate::{testing::NOW, threading, workers::step};

#[tokio::test]
async fn a_reply_arrives_in_its_thread_with_all_its_parts() {
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let channel = channel(&desk, &server).await;
    let talk = desk.conversation(channel, "bob@x.example").await;
    let file = desk.store.files().put(b"one\ntwo\0").unwrap();
    let mut reply = reply(&desk, "It is on its way.", "bob@x.example");
    reply.html = Some("<p>It is <b>on its way</b>.</p>".to_owned());
    reply.attachments = vec![Attachment {
        id: AttachmentId::new(),
        file_hash: file.to_string(),
        name: "receipt.bin".to_owned(),
        mime: "application/octet-stream".to_owned(),
        size: 8,
        content_id: None,
        inline: false,
    }];
    reply.mail.as_mut().unwrap().bcc = vec!["boss@desk.example".to_owned()];
    let id = queue(&desk, &talk, reply).await;
    assert_eq!(step(&desk).await.unwrap(), 1);

    let [mail] = server.mails().try_into().unwrap();
    assert_eq!(mail.to, ["bob@x.example", "boss@desk.example"]);
    assert!(!mail.data.contains("boss@"));
    let got = parse(mail.data.as_bytes()).unwrap();
    assert_eq!(got.from.unwrap().name.as_deref(), Some("Help"));
    assert_eq!(got.in_reply_to, ["question-of-bob@x.example"]);
    assert_eq!(got.references, ["question-of-bob@x.example"]);
    assert_eq!(got.subject.as_deref(), Some("Re: Where is my order?"));
    let mark = format!("[ref:{}]", threading::body_token(&desk.keys, &talk));
    let text = format!(
        "It is on its way.\n\n-- \nThe desk\n\n{mark}\n\nOn 5 January 2026, bob@x.example wrote:\n> Hello?"
    );
    assert_eq!(got.text, text);
    let html = got.html.unwrap();
    assert!(html.contains("<b>on its way</b>") && html.contains("The desk"), "{html}");
    assert_eq!(got.attachments[0].name, "receipt.bin");
    assert_eq!(got.attachments[0].bytes, b"one\ntwo\0");
    let loop_header = &got.signals.loop_header[0];
    assert!(threading::is_our_loop(&desk.keys, loop_header));
    let reply_to = format!("help+{}@desk.example", threading::reply_token(&desk.keys, &talk));
    assert!(mail.data.contains(&reply_to), "{}", mail.data);

    let sent = message(&desk, id).await;
    assert_eq!((sent.status, sent.error), (Some(DeliveryStatus::Sent), None));
    assert_eq!(sent.sent_at, Some(NOW));
    assert_eq!(outcomes(&desk, id).await, [Some(Outcome::Sent)]);
    assert_eq!(job(&desk, id).await, None);
    assert_eq!(health(&desk, channel).await.send_ok_at, Some(NOW));
}

#[tokio::test]
async fn a_mailbox_without_a_name_sends_in_that_of_who_wrote() {
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let mut nameless = config(server.port);
    nameless["from_name"] = serde_json::Value::Null;
    let channel = desk.channel(nameless).await;
    let talk = desk.conversation(channel, "bob@x.example").await;
    for (kind, want) in [(SenderType::Agent, "Ann"), (SenderType::System, "Example")] {
        let mut it = reply(&desk, "Hi", "bob@x.example");
        it.mail.as_mut().unwrap().from_name = None;
        it.sender.kind = kind;
        it.sender.id = it.sender.id.filter(|_| kind == SenderType::Agent);
        queue(&desk, &talk, it).await;
        step(&desk).await.unwrap();
        let from = parse(server.mails().last().unwrap().data.as_bytes()).unwrap().from;
        assert_eq!(from.unwrap().name.as_deref(), Some(want));
    }
}

#[tokio::test]
async fn names_that_break_mail_libraries_do_no_harm() {
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let channel = channel(&desk, &server).await;
    let talk = desk.conversation(channel, "bob@x.example").await;
    let contact = talk.contact_id;
    desk.write(move |tx| {
        let mut it = contacts::find(tx, contact)?.unwrap();
        it.name = Some("Bob\r\nBcc: eve@x.example\0".to_owned());
        Ok(contacts::update(tx, &it)?)
    })
    .await;
    let id = queue(&desk, &talk, reply(&desk, "Hi", "bob@x.example")).await;
    step(&desk).await.unwrap();
    assert_eq!(status(&desk, id).await, DeliveryStatus::Sent);
    assert_eq!(server.mails()[0].to, ["bob@x.example"]);
    assert!(!server.mails()[0].data.contains("\nBcc:"));
}

#[tokio::test]
async fn a_busy_channel_signs_in_once() {
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let channel = channel(&desk, &server).await;
    for _ in 0..3 {
        queued(&desk, channel).await;
    }
    assert_eq!(step(&desk).await.unwrap(), 3);
    assert_eq!((server.mails().len(), server.connections()), (3, 1));
}

#[tokio::test]
async fn a_message_leaves_when_it_was_asked_to_and_not_before() {
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let channel = channel(&desk, &server).await;
    let talk = desk.conversation(channel, "bob@x.example").await;
    let mut later = reply(&desk, "Good morning", "bob@x.example");
    later.send_at = Some(NOW.plus_seconds(3600));
    let id = queue(&desk, &talk, later).await;
    desk.clock.set(NOW.plus_millis(3_599_999));
    assert_eq!(step(&desk).await.unwrap(), 0);
    desk.clock.set(NOW.plus_seconds(3600));
    assert_eq!(step(&desk).await.unwrap(), 1);
    assert_eq!(status(&desk, id).await, DeliveryStatus::Sent);
}

#[tokio::test]
async fn a_message_that_waits_for_silence_does_not_leave_once_the_customer_wrote() {
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let channel = channel(&desk, &server).await;
    let mut talk = desk.conversation(channel, "bob@x.example").await;
    let mut later = reply(&desk, "Still there?", "bob@x.example");
    later.cancel_if_customer_writes = true;
    let id = queue(&desk, &talk, later).await;
    let (kind, contact) = (domain::messages::SenderType::Contact, talk.contact_id);
    let direction = domain::messages::Direction::Inbound;
    let more = crate::testing::message(direction, kind, contact.0, "Yes!");
    desk.write(move |tx| {
        append(tx, &mut talk, more, Actor::Contact(contact), NOW)?;
        Ok(())
    })
    .await;
    step(&desk).await.unwrap();
    assert_eq!(server.mails().len(), 0);
    let it = message(&desk, id).await;
    assert_eq!(it.status, Some(DeliveryStatus::Failed));
    assert!(it.error.unwrap().contains("the customer wrote first"));
    assert_eq!(job(&desk, id).await, None);
    assert_eq!(told(&desk, id).await, Vec::<String>::new(), "nothing went wrong");
    assert_eq!(conversation(&desk, id).await.waiting_since, Some(NOW), "since the first question");
}

#[tokio::test]
async fn mail_of_a_channel_that_is_off_waits_and_that_of_a_deleted_one_fails() {
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let channel = channel(&desk, &server).await;
    let id = queued(&desk, channel).await;
    let change = |deleted: bool, active: bool| {
        desk.write(move |tx| {
            let mut it = channels::find(tx, channel)?.unwrap();
            it.is_active = active;
            it.deleted_at = deleted.then_some(NOW);
            Ok(channels::update(tx, &it)?)
        })
    };
    change(false, false).await;
    assert_eq!(step(&desk).await.unwrap(), 1);
    let waiting = job(&desk, id).await.unwrap();
    assert_eq!((waiting.state, waiting.attempts), (JobState::Ready, 0));
    assert_eq!(status(&desk, id).await, DeliveryStatus::Queued);
    change(true, false).await;
    wait_for_retry(&desk, id).await;
    step(&desk).await.unwrap();
    assert!(message(&desk, id).await.error.unwrap().contains("channel was deleted"));
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_missing_password_is_the_channels_trouble_and_a_missing_file_the_messages() {
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let mut settings = config(server.port);
    settings["smtp"]["username"] = json!("help");
    let locked = desk.channel(settings).await;
    let id = queued(&desk, locked).await;
    step(&desk).await.unwrap();
    assert_eq!(status(&desk, id).await, DeliveryStatus::Queued);
    assert!(health(&desk, locked).await.send_error.unwrap().contains("password is missing"));

    let channel = channel(&desk, &server).await;
    let id = queued(&desk, channel).await;
    let seq = message(&desk, id).await.seq;
    desk.write(move |tx| {
        let it = Attachment {
            id: AttachmentId::new(),
            file_hash: "ab".repeat(32),
            name: "gone.pdf".to_owned(),
            mime: "application/pdf".to_owned(),
            size: 3,
            content_id: None,
            inline: false,
        };
        Ok(attachments::attach(tx, seq, &it, NOW)?)
    })
    .await;
    step(&desk).await.unwrap();
    assert!(message(&desk, id).await.error.unwrap().contains("gone.pdf cannot be read"));
    assert_eq!(health(&desk, channel).await.send_error, None);
}
