//! Which conversation a mail goes into.

use domain::{
    Timestamp,
    conversations::{Conversation, Status},
};

use super::fixture::{Fixture, NOW, mail};
use crate::{
    channels::mail_configs::MailPatch,
    threading::{body_token, reply_token},
};
use connectors::email::marker;

const ANN: &str = "Ann <ann@customer.example>";
const EVE: &str = "eve@stranger.example";

/// Ann's conversation, answered by us with the Message-ID `sent-1@example.com`.
async fn answered(it: &Fixture) -> Conversation {
    let row =
        it.receive(mail(ANN, "Message-ID: <first@customer.example>\r\nSubject: Hi", "Hello")).await;
    let conversation = it.conversation_of(&row).await;
    it.reply(conversation.id, "sent-1@example.com").await;
    it.conversation(conversation.id).await
}

enum Want {
    Joins,
    OpensRelated,
    OpensAlone,
}

#[tokio::test]
async fn a_mark_joins_the_contact_and_only_links_the_stranger() {
    use Want::{Joins, OpensAlone, OpensRelated};
    let it = Fixture::new().await;
    let conversation = answered(&it).await;
    it.add_participant(&conversation, "bob@customer.example").await;
    let number = conversation.number;
    let body = marker::body(&body_token(&it.desk.keys, &conversation));
    let quoted = format!("Thanks\r\n\r\n> an answer\r\n> {body}");
    let forged = format!("[ref:{number}-aaaaaaaaaaaaaaaa]");
    let plus = format!("desk+{}@example.com", reply_token(&it.desk.keys, &conversation));
    let forged_plus = format!("desk+{number}-aaaaaaaaaaaaaaaa@example.com");
    let subject = format!("Subject: Re: [#{number}] Hi");
    let cites = "In-Reply-To: <sent-1@example.com>".to_owned();
    let references = "References: <x@y.example> <sent-1@example.com> <z@y.example>".to_owned();
    let own = "In-Reply-To: <first@customer.example>".to_owned();
    let none = String::new();
    let cases = [
        ("in reply to ours", ANN, &cites, "x", Joins),
        ("references ours", ANN, &references, "x", Joins),
        ("in reply to their own", ANN, &own, "x", Joins),
        ("another case of the address", "ANN@Customer.Example", &cites, "x", Joins),
        ("a stranger cites ours", EVE, &cites, "x", OpensRelated),
        ("a stranger cites theirs", EVE, &own, "x", OpensRelated),
        ("somebody an agent wrote to", "bob@customer.example", &cites, "x", Joins),
        ("the token", ANN, &format!("Cc: {plus}"), "x", Joins),
        ("the token, delivered", ANN, &format!("Delivered-To: {plus}"), "x", Joins),
        ("the token, by a stranger", EVE, &format!("Cc: {plus}"), "x", OpensRelated),
        ("a forged token", ANN, &format!("Cc: {forged_plus}"), "x", OpensAlone),
        ("a truncated token", ANN, &format!("Cc: {}", plus.replace("@", "x@")), "x", OpensAlone),
        ("the marker in quoted text", ANN, &none, quoted.as_str(), Joins),
        ("the marker, by a stranger", EVE, &none, quoted.as_str(), OpensRelated),
        ("a forged marker", ANN, &none, forged.as_str(), OpensAlone),
        ("the number by the contact", ANN, &subject, "x", Joins),
        ("the number by a stranger", EVE, &subject, "x", OpensAlone),
        ("the number by a participant", "bob@customer.example", &subject, "x", OpensAlone),
        ("an unknown number", ANN, &"Subject: [#999999]".to_owned(), "x", OpensAlone),
        ("nothing", ANN, &none, "x", OpensAlone),
        ("an unclear sender", "ann@customer.example, eve@x.example", &cites, "x", OpensRelated),
        (
            "a name that shows another address",
            "\"ann@customer.example\" <eve@x.example>",
            &cites,
            "x",
            OpensRelated,
        ),
    ];
    for (name, from, headers, body, want) in cases {
        let row = it.receive(mail(from, headers, body)).await;
        let got = it.conversation_of(&row).await;
        match want {
            Joins => assert_eq!(got.number, number, "{name}"),
            OpensRelated => {
                assert_ne!(got.number, number, "{name}");
                assert_eq!(got.related_id, Some(conversation.id), "{name}");
            }
            OpensAlone => {
                assert_ne!(got.number, number, "{name}");
                assert_eq!(got.related_id, None, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn a_stranger_who_takes_a_known_message_id_diverts_nobody() {
    let it = Fixture::new().await;
    let conversation = answered(&it).await;
    let copied = "Message-ID: <first@customer.example>\r\nSubject: mine";
    let stolen = it.receive(mail(EVE, copied, "x")).await;
    assert_ne!(stolen.conversation_id, Some(conversation.id));
    let reply = it.receive(mail(ANN, "In-Reply-To: <first@customer.example>", "x")).await;
    assert_eq!(reply.conversation_id, Some(conversation.id));
}

#[tokio::test]
async fn a_mail_without_a_message_id_is_a_message() {
    let it = Fixture::new().await;
    let raw = "From: ann@customer.example\r\nSubject: Hi\r\n\r\nHello\r\n";
    let row = it.receive(raw).await;
    let message = it.message(&row).await;
    assert_eq!(message.mail.unwrap().message_id, None);
    assert_eq!(message.text, "Hello");
}

#[tokio::test]
async fn a_thread_resolved_long_ago_is_not_gone_on_with() {
    let patch = MailPatch { new_conversation_after_days: Some(Some(7)), ..MailPatch::default() };
    let it = Fixture::with(patch).await;
    let conversation = answered(&it).await;
    let resolved_days_ago = |days: i64| {
        move |it: &mut Conversation| {
            it.set_status(Status::Resolved, None, None, NOW.plus_seconds(-days * 86_400)).unwrap();
        }
    };
    it.change(conversation.id, resolved_days_ago(6)).await;
    let soon = it.receive(mail(ANN, "In-Reply-To: <sent-1@example.com>", "again")).await;
    assert_eq!(soon.conversation_id, Some(conversation.id));
    assert_eq!(it.conversation_of(&soon).await.status, Status::Open);

    it.change(conversation.id, resolved_days_ago(8)).await;
    let late = it.receive(mail(ANN, "In-Reply-To: <sent-1@example.com>", "again")).await;
    let opened = it.conversation_of(&late).await;
    assert_ne!(opened.id, conversation.id);
    assert_eq!(opened.related_id, Some(conversation.id));
    assert_eq!(it.conversation(conversation.id).await.status, Status::Resolved);
}

#[tokio::test]
async fn a_backfilled_thread_arrives_resolved_and_read() {
    let it = Fixture::new().await;
    let first = mail(ANN, "Message-ID: <old-1@customer.example>\r\nSubject: Old", "Hello");
    let second = mail(ANN, "In-Reply-To: <old-1@customer.example>\r\nSubject: Re: Old", "And");
    let mut events = it.desk.store.events();
    let mut rows = Vec::new();
    for raw in [first, second] {
        let storage::inbound::Put::Pending(id) = it.take_as(raw.as_bytes(), true).await else {
            panic!("not new")
        };
        rows.push(it.process(id).await);
    }
    assert_eq!(rows[0].conversation_id, rows[1].conversation_id);
    let got = it.conversation_of(&rows[0]).await;
    assert_eq!((got.status, got.unread_count, got.waiting_since), (Status::Resolved, 0, None));
    assert_eq!(got.message_count, 2);
    assert!(got.resolved_at > Some(Timestamp(0)));
    while let Ok(event) = events.try_recv() {
        assert!(event.conversation.is_none(), "a notice: {event:?}");
    }
}

#[tokio::test]
async fn where_somebody_wants_answers_is_kept_and_is_never_who_they_are() {
    let it = Fixture::new().await;
    let cases = [
        ("elsewhere", "Reply-To: Team <team@other.example>", Some("team@other.example")),
        ("where they wrote from", "Reply-To: ANN@customer.example", None),
        ("at our own address", "Reply-To: desk@example.com", None),
        ("nowhere", "Reply-To: nobody at all", None),
        ("of a list", "Reply-To: list@l.example\r\nList-Id: <l.example>", None),
    ];
    for (name, headers, want) in cases {
        let row = it.receive(mail(ANN, headers, name)).await;
        let message = it.message(&row).await;
        assert_eq!(message.mail.unwrap().reply_to.as_deref(), want, "{name}");
        let talk = it.conversation_of(&row).await;
        let contact = it.contact(talk.contact_id).await;
        let emails: Vec<_> = contact.emails.iter().map(|it| it.as_str()).collect();
        assert_eq!(emails, ["ann@customer.example"], "{name}");
    }
}
