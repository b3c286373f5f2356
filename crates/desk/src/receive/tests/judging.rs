//! Mail that no person wrote, senders that are not welcome, mails that cannot be read.

use connectors::email::{headers::LOOP_HEADER, marker};
use domain::{
    conversations::Status,
    events::Actor,
    jobs::JobKind,
    mails::Fate,
    messages::{DeliveryStatus, Direction},
};
use futures_util::FutureExt;
use storage::{deliveries, inbound::Put, messages};

use super::fixture::{Fixture, add_channel, mail};
use crate::{
    channels::mail_configs::MailPatch,
    inbound::replay,
    receive::given_up,
    threading::{body_token, loop_header},
};

const ANN: &str = "ann@customer.example";

#[tokio::test]
async fn a_person_opens_a_conversation_that_waits() {
    let it = Fixture::new().await;
    let raw = mail(
        "Ann Lee <ann@customer.example>",
        "Subject: Broken\r\nContent-Type: multipart/mixed; boundary=b",
        "--b\r\n\r\nIt fell.\r\n\r\n-- \r\nAnn Lee\r\n--b\r\nContent-Type: image/png; name=a.png\r\n\
         Content-Disposition: attachment\r\n\r\nPNG\r\n--b--",
    );
    let row = it.receive(raw).await;
    assert_eq!((row.fate, row.reason.as_deref()), (Fate::Message, None));
    assert_eq!(row.from_address.as_deref(), Some(ANN));
    let message = it.message(&row).await;
    assert_eq!(
        (message.text.as_str(), message.signature.as_deref()),
        ("It fell.", Some("-- \nAnn Lee"))
    );
    assert_eq!(message.attachments[0].name, "a.png");
    let hash = message.attachments[0].file_hash.parse().unwrap();
    assert_eq!(it.desk.store.files().read(hash).unwrap(), b"PNG");
    let conversation = it.conversation_of(&row).await;
    assert_eq!(conversation.subject.as_deref(), Some("Broken"));
    assert_eq!((conversation.status, conversation.unread_count), (Status::Open, 1));
    assert!(conversation.waiting_since.is_some());
    let found = it.search("subject-line broken").await;
    assert_eq!(found, [] as [i64; 0], "all words must stand there");
    assert_eq!(it.search("BROKEN").await, [conversation.number], "by its subject alone");
}

#[tokio::test]
async fn a_web_form_in_our_name_is_its_customers() {
    let it = Fixture::new().await;
    let raw = mail("desk@example.com", "Reply-To: Bob <bob@customer.example>", "from the form");
    let row = it.receive(raw).await;
    let message = it.message(&row).await;
    assert_eq!(message.sender.name.as_deref(), Some("Bob"));
}

#[tokio::test]
async fn a_blocked_sender_goes_no_further_until_replayed() {
    let it = Fixture::new().await;
    it.receive(mail(ANN, "", "hello")).await;
    it.block(ANN).await;
    let row = it.receive(mail(ANN, "", "hello again")).await;
    assert_eq!((row.fate, row.message_id), (Fate::Ignored, None));
    assert_eq!(row.reason.as_deref(), Some("the sender is blocked"));
    assert_eq!(
        replay(&it.desk, it.channel, row.id, Actor::System).await.unwrap().fate,
        Fate::Pending
    );
    assert_eq!(it.process(row.id).await.fate, Fate::Ignored);
}

#[tokio::test]
async fn an_absence_notice_stands_in_the_thread_and_reopens_nothing() {
    let it = Fixture::new().await;
    let opened = it.receive(mail(ANN, "", "hello")).await;
    let id = opened.conversation_id.unwrap();
    it.reply(id, "sent@example.com").await;
    let resolve = |it: &mut domain::conversations::Conversation| {
        it.set_status(Status::Resolved, None, None, it.updated_at).unwrap();
        it.unread_count = 0;
    };
    it.change(id, resolve).await;
    let headers = "In-Reply-To: <sent@example.com>\r\nAuto-Submitted: auto-replied";
    let row = it.receive(mail(ANN, headers, "I am away")).await;
    assert_eq!(row.reason.as_deref(), Some("an automatic reply"));
    assert_eq!(row.conversation_id, Some(id));
    assert!(it.message(&row).await.mail.unwrap().automatic);
    let after = it.conversation(id).await;
    assert_eq!((after.status, after.unread_count), (Status::Resolved, 0));
    assert_eq!(after.last_message.unwrap().text, "I am away");
}

#[tokio::test]
async fn other_automatic_mail_is_shown_as_such() {
    let it = Fixture::new().await;
    for headers in ["List-ID: <news.example>", "Auto-Submitted: auto-generated"] {
        let row = it.receive(mail("robot@shop.example", headers, "news")).await;
        assert_eq!(row.fate, Fate::Message, "{headers}");
        let facts = it.message(&row).await.mail.unwrap();
        assert!(facts.automatic && facts.remark.is_some(), "{headers}");
        assert_eq!(it.conversation_of(&row).await.status, Status::Open);
    }
}

#[tokio::test]
async fn a_robot_that_goes_on_and_on_is_stopped() {
    let it = Fixture::new().await;
    let mut fates = Vec::new();
    for count in 0..25 {
        let body = format!("away {count}");
        let row =
            it.receive(mail("robot@shop.example", "Auto-Submitted: auto-replied", &body)).await;
        fates.push(row.fate);
    }
    assert!(fates[..20].iter().all(|it| *it == Fate::Message), "{fates:?}");
    assert!(fates[20..].iter().all(|it| *it == Fate::Ignored), "{fates:?}");
    it.desk.clock.advance(std::time::Duration::from_secs(3700));
    let row = it.receive(mail("robot@shop.example", "Auto-Submitted: auto-replied", "back")).await;
    assert_eq!(row.fate, Fate::Message);
}

#[tokio::test]
async fn two_of_our_own_mailboxes_do_not_talk_to_each_other() {
    let it = Fixture::new().await;
    let other = add_channel(&it.desk, "sales@example.com", MailPatch::default()).await;
    let header = |value: &str| format!("{LOOP_HEADER}: {value}");
    let signed = header(&loop_header(&it.desk.keys, other));
    let copy = it.receive(mail("sales@example.com", &signed, "thank you")).await;
    assert_eq!(
        (copy.fate, copy.reason.as_deref()),
        (Fate::Ignored, Some("a copy of a mail we sent"))
    );
    let back = it.receive(mail("relay@else.example", &signed, "thank you")).await;
    assert_eq!(
        (back.fate, back.reason.as_deref()),
        (Fate::Ignored, Some("our own mail came back: a loop"))
    );
    let forged = header(&format!("{other}-aaaaaaaaaaaaaaaa"));
    assert_eq!(it.receive(mail(ANN, &forged, "a person")).await.fate, Fate::Message);
}

#[tokio::test]
async fn a_bounce_fails_its_message_and_brings_the_conversation_back() {
    let it = Fixture::new().await;
    let opened = it.receive(mail(ANN, "", "hello")).await;
    let id = opened.conversation_id.unwrap();
    let sent = it.reply(id, "sent@example.com").await;
    it.change(id, |it| {
        it.set_status(Status::Resolved, None, None, it.updated_at).unwrap();
    })
    .await;
    let row = it.receive(bounce("sent@example.com")).await;
    assert_eq!((row.fate, row.conversation_id), (Fate::Message, Some(id)));
    let (seq, message_id) = (sent.seq, sent.id);
    let (failed, attempts) = it
        .desk
        .store
        .read(move |db| {
            let failed = messages::find(db, message_id)?.unwrap();
            Ok::<_, crate::DeskError>((failed, deliveries::of_message(db, seq)?))
        })
        .await
        .unwrap();
    assert_eq!(failed.status, Some(DeliveryStatus::Failed));
    let reason = "ann@customer.example: 550 5.1.1 no such user";
    assert_eq!(failed.error.as_deref(), Some(reason));
    assert_eq!(attempts[0].outcome, Some(deliveries::Outcome::Bounced));
    assert_eq!(attempts[0].code, Some(550));
    let after = it.conversation(id).await;
    assert_eq!(after.status, Status::Open);
    assert!(after.waiting_since.is_some());
    let line = it.message(&row).await;
    assert_eq!(line.direction, Direction::Event);
    assert!(line.text.contains(reason), "{}", line.text);

    // A second report changes nothing more; one about a foreign mail nothing at all.
    it.change(id, |it| {
        it.set_status(Status::Resolved, None, None, it.updated_at).unwrap();
    })
    .await;
    it.receive(bounce("sent@example.com").replace("Sorry", "Sorry again")).await;
    assert_eq!(it.conversation(id).await.status, Status::Resolved);
    let foreign = it.receive(bounce("unknown@elsewhere.example")).await;
    assert_eq!((foreign.fate, foreign.message_id), (Fate::Ignored, None));
}

fn bounce(message_id: &str) -> String {
    let headers = "Return-Path: <>\r\nSubject: Undelivered\r\nContent-Type: multipart/report; \
        report-type=delivery-status; boundary=b";
    let body = format!(
        "--b\r\n\r\nSorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; ann@customer.example\r\n\
         Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}>\r\n--b--"
    );
    mail("MAILER-DAEMON@mx.example", headers, &body)
}

#[tokio::test]
async fn a_mail_that_breaks_the_reader_is_set_aside_and_the_next_one_flows() {
    let it = Fixture::new().await;
    let Put::Pending(poison) = it.take(mail(ANN, "", "poison").as_bytes()).await else { panic!() };
    let Put::Pending(next) = it.take(mail(ANN, "", "next").as_bytes()).await else { panic!() };
    let row = it.process_with(poison, |_| panic!("a defect in the reader")).await;
    assert_eq!(row.fate, Fate::Quarantined);
    assert_eq!(row.reason.as_deref(), Some("reading it failed unexpectedly"));
    assert_eq!(it.process(next).await.fate, Fate::Message);
    // Once the defect is gone, a replay brings the mail in.
    replay(&it.desk, it.channel, poison, Actor::System).await.unwrap();
    assert_eq!(it.process(poison).await.fate, Fate::Message);
    assert!(replay(&it.desk, it.channel, poison, Actor::System).await.is_err());
}

#[tokio::test]
async fn fifty_copies_at_once_are_one_message() {
    let it = Fixture::new().await;
    let raw = mail(ANN, "Subject: once", "hello");
    let takes = (0..50).map(|_| it.take(raw.as_bytes()));
    let puts = futures_util::future::join_all(takes).await;
    let new: Vec<_> = puts
        .iter()
        .filter_map(|put| match put {
            Put::Pending(id) => Some(*id),
            Put::Duplicate(_) | Put::Known => None,
        })
        .collect();
    assert_eq!(new.len(), 1);
    // The same job twice, as after a crash between its commit and its end.
    futures_util::future::join_all((0..8).map(|_| it.process(new[0]))).await;
    let row = it.row(new[0]).await;
    assert_eq!(it.conversation_of(&row).await.message_count, 1);
}

#[tokio::test]
async fn what_was_committed_before_a_crash_is_processed_after_it() {
    let it = Fixture::new().await;
    let Put::Pending(id) = it.take(mail(ANN, "", "hello").as_bytes()).await else { panic!() };
    let forgotten = || it.desk.store.read(storage::inbound::forgotten);
    // A start after a crash finds the row with its job.
    assert_eq!(forgotten().await.unwrap(), []);
    let drop = move |tx: &storage::Tx<'_>| {
        storage::jobs::remove(tx, domain::jobs::JobKind::ProcessInbound, id.0)
    };
    it.desk.store.write(drop).await.unwrap();
    assert_eq!(forgotten().await.unwrap(), [id]);
    assert_eq!(it.process(id).await.fate, Fate::Message);
    assert_eq!(forgotten().await.unwrap(), []);
}

#[tokio::test]
async fn a_bounce_is_known_by_the_mark_in_what_came_back() {
    let it = Fixture::new().await;
    let opened = it.receive(mail(ANN, "", "hello")).await;
    let conversation = it.conversation_of(&opened).await;
    it.reply(conversation.id, "sent@example.com").await;
    let mark = marker::body(&body_token(&it.desk.keys, &conversation));
    let body = format!("550 5.1.1 no such user: <{ANN}>\r\n\r\n> an answer\r\n> {mark}");
    let headers = "Return-Path: <>\r\nSubject: Undelivered Mail Returned to Sender";
    let row = it.receive(mail("MAILER-DAEMON@mx.example", headers, &body)).await;
    assert_eq!((row.fate, row.conversation_id), (Fate::Message, Some(conversation.id)));
}

#[tokio::test]
async fn what_was_sent_past_the_desk_opens_nothing() {
    let it = Fixture::new().await;
    let raw = "From: desk@example.com\r\nTo: ann@customer.example\r\nSubject: Hi\r\n\r\nHello\r\n";
    let row = it.receive(raw).await;
    assert_eq!((row.fate, row.message_id), (Fate::Ignored, None));
}

#[tokio::test]
async fn a_mail_waits_until_there_is_memory_to_read_it() {
    let it = Fixture::new().await;
    let raw = mail(ANN, "", "hello");
    let Put::Pending(id) = it.take(raw.as_bytes()).await else { panic!() };
    let all = it.desk.mail_memory.hold(u64::MAX).await;
    let processing = it.process(id);
    tokio::pin!(processing);
    // Long enough to come to the point where it waits: nothing else happens meanwhile.
    for _ in 0..20 {
        assert!(futures_util::poll!(&mut processing).is_pending());
        it.row(id).await;
    }
    assert_eq!(it.row(id).await.fate, Fate::Pending);
    drop(all);
    assert_eq!(processing.await.fate, Fate::Message);
    assert!(it.desk.mail_memory.hold(u64::MAX).now_or_never().is_some(), "it was given back");
}

#[tokio::test]
async fn a_mail_that_ends_the_server_again_and_again_is_set_aside() {
    let it = Fixture::new().await;
    let Put::Pending(id) = it.take(mail(ANN, "", "poison").as_bytes()).await else { panic!() };
    let give_up = move |tx: &storage::Tx<'_>| {
        let job = storage::jobs::find(tx, JobKind::ProcessInbound, id.0)?.unwrap();
        given_up(tx, &job, "the server ended during the attempt", job.created_at)
    };
    it.desk.store.write(give_up).await.unwrap();
    let row = it.row(id).await;
    assert_eq!(row.fate, Fate::Quarantined);
    assert!(row.reason.unwrap().contains("the server ended"));
}
