//! A person who is forgotten is forgotten in every mail, also in those that became no message.

use std::path::Path;

use connectors::email::parse::Unreadable;
use domain::{
    events::{Actor, Event},
    ids::{ConversationId, InboundId},
    mails::{Fate, Inbound},
    messages::{Direction, MailFacts, Message, lines::What},
};
use storage::{
    contacts::{self, erasure},
    events,
    inbound::Put,
    messages,
};

use super::fixture::{Fixture, NOW, mail, outbound};
use crate::{
    DeskError,
    contacts::erase,
    conversations::record::tell,
    messages::append::append,
    workers::{self, housekeeping::keep_house},
};

const ANN: &str = "Ann Lee <ann@gone.example>";
const BOB: &str = "Bob <bob@stays.example>";
const DAY: i64 = 86_400;

/// Words that only Ann's own conversation and mails hold.
const WORD: &str = "qqzanzibar";

#[tokio::test]
async fn nothing_of_an_erased_person_is_left_on_the_disk() {
    let it = Fixture::new().await;
    let raw = mail(ANN, "Subject: Hi", WORD);
    it.receive(&raw).await;
    // The same mail again by another way.
    let copy = it.take(format!("Received: elsewhere\r\n{raw}").as_bytes()).await;
    assert!(matches!(copy, Put::Duplicate(_)));
    unreadable(&it, &mail(ANN, "", WORD)).await;
    let sent = format!("From: desk@example.com\r\nTo: {ANN}\r\nSubject: yes\r\n\r\n{WORD}\r\n");
    assert_eq!(it.receive(&sent).await.fate, Fate::Ignored);
    let (thread, answered) = bobs_thread(&it).await;
    let from_bob = unreadable(&it, &mail(BOB, "Cc: ann@gone.example", "read me yet")).await;
    assert!(everything(&it).contains("ann@gone.example"));
    assert!(everything(&it).contains(WORD));

    forget_ann(&it).await;

    let left = it.message(&answered).await;
    assert_eq!((left.text.as_str(), left.sender.id), ("I am in, too", None));
    assert_eq!(left.mail.unwrap().from_address, None);
    let copied = newest_sent(&it, thread).await;
    assert_eq!(copied.mail.unwrap().cc, ["eve@stays.example"]);
    let told: Vec<_> =
        lines(&it, thread).await.into_iter().map(|it| it.event.unwrap().what).collect();
    let recipients = "(erased): 550 no (erased) here".to_owned();
    let given = What::AddressGiven { address: "(erased)".to_owned() };
    assert_eq!(told, [What::NotSentTo { recipients }, given]);
    assert_eq!(it.row(from_bob).await.fate, Fate::Quarantined, "Bob's mail is yet to be read");

    let raw_of_bob = it.row(from_bob).await.file_hash.unwrap();
    let (folder, store) = (it.folder().to_owned(), it.desk.store.clone());
    store.close().await;
    let mut on_disk = String::new();
    read_all(&folder, &mut on_disk, &|path| path.ends_with(&raw_of_bob));
    assert!(on_disk.contains("bob@stays.example"));
    for gone in ["ann@gone.example", "Ann Lee", WORD] {
        // Bob's unread mail still names her: in its file and in the list of whom it names.
        let lists = usize::from(gone == "ann@gone.example") * 2;
        assert!(on_disk.matches(gone).count() <= lists, "{gone} is still there");
    }
}

#[tokio::test]
async fn no_slice_removes_more_than_it_may_however_much_happened() {
    let it = Fixture::new().await;
    let row = it.receive(&mail(ANN, "Subject: Hi", "hello")).await;
    let conversation = it.conversation_of(&row).await;
    let (id, contact) = (conversation.id, conversation.contact_id);
    let happen = move |tx: &storage::Tx<'_>| {
        for _ in 0..40 {
            let event = Event::ConversationChanged { fields: vec!["subject"] };
            events::append(tx, Some(&conversation), event, Actor::System, NOW)?;
        }
        Ok::<_, DeskError>(())
    };
    it.desk.store.write(happen).await.unwrap();
    erase(&it.desk, contact, Actor::System).await.unwrap();
    let left = async || {
        let all = it.desk.store.read(|db| events::after(db, 0, 1000)).await.unwrap();
        all.iter().filter(|it| it.conversation == Some(id)).count()
    };
    let mut before = left().await;
    assert!(before > 40);
    loop {
        let slice = move |tx: &storage::Tx<'_>| erasure::slice(tx, contact, 10, NOW);
        let is_over = it.desk.store.write(slice).await.unwrap();
        let after = left().await;
        assert!(before - after <= 10, "{before} to {after}");
        before = after;
        if is_over {
            break;
        }
    }
    assert_eq!(before, 0);
}

/// A quarantined mail whose sender was never read.
async fn unreadable(it: &Fixture, raw: &str) -> InboundId {
    let Put::Pending(id) = it.take(raw.as_bytes()).await else { panic!("not new") };
    let row = it.process_with(id, |_| Err(Unreadable::TooDeep)).await;
    assert_eq!((row.fate, row.from_address), (Fate::Quarantined, None));
    id
}

/// Bob's conversation: he copies Ann, we copy her, she answers.
async fn bobs_thread(it: &Fixture) -> (ConversationId, Inbound) {
    let asked = mail(BOB, "Cc: ann@gone.example, eve@stays.example\r\nSubject: Us", "We are two");
    let asked = it.receive(asked).await;
    let thread = it.conversation_of(&asked).await;
    it.add_participant(&thread, "ann@gone.example").await;
    let id = thread.id;
    it.desk
        .store
        .write(move |tx| {
            let mut thread = storage::conversations::find(tx, id)?.unwrap();
            let mut answer = outbound("sent-1@example.com", NOW);
            let copies = ["ann@gone.example", "eve@stays.example"].map(str::to_owned);
            answer.mail = Some(MailFacts { cc: copies.to_vec(), ..answer.mail.unwrap() });
            append(tx, &mut thread, answer, Actor::System, NOW)?;
            let recipients = "ann@gone.example: 550 no ann@gone.example here".to_owned();
            let failed = tell(tx, &thread, What::NotSentTo { recipients }, Actor::System, NOW)?;
            messages::people::name(tx, failed, "ann@gone.example")?;
            let given = What::AddressGiven { address: "ann@gone.example".to_owned() };
            tell(tx, &thread, given, Actor::System, NOW)?;
            Ok::<_, DeskError>(())
        })
        .await
        .unwrap();
    let headers = "In-Reply-To: <sent-1@example.com>\r\nContent-Type: text/html";
    let html = "<p>I am in, too</p><p>-- <br>Ann Lee</p>";
    let answered = it.receive(mail(ANN, headers, html)).await;
    assert_eq!(answered.conversation_id, Some(id));
    (id, answered)
}

async fn newest_sent(it: &Fixture, thread: ConversationId) -> Message {
    let number = it.conversation(thread).await.number;
    it.desk.store.read(move |db| messages::newest_sent(db, number)).await.unwrap().unwrap()
}

async fn lines(it: &Fixture, thread: ConversationId) -> Vec<Message> {
    let number = it.conversation(thread).await.number;
    let read =
        move |db: &storage::Reader<'_>| messages::page(db, number, messages::Place::Newest, 100);
    let mut all = it.desk.store.read(read).await.unwrap();
    all.retain(|it| it.direction == Direction::Event);
    all
}

/// Erases Ann, and lets the days pass after which the last of her is gone.
async fn forget_ann(it: &Fixture) {
    let address = "ann@gone.example".parse().unwrap();
    let read = move |db: &storage::Reader<'_>| contacts::find_by_email(db, &address);
    let ann = it.desk.store.read(read).await.unwrap().unwrap();
    let erased = erase(&it.desk, ann, Actor::System).await.unwrap();
    assert_eq!((erased.belongings.conversations, erased.belongings.messages), (1, 1));
    workers::step(&it.desk).await.unwrap();
    for (hash, ..) in it.desk.store.files().list().unwrap() {
        let file = it.desk.store.files().open_file(hash).unwrap();
        file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(7200))
            .unwrap();
    }
    it.desk.clock.set(NOW.plus_seconds(2 * DAY));
    keep_house(&it.desk).await.unwrap();
}

/// What all files beside the database hold. The database itself is only read when it is closed.
fn everything(it: &Fixture) -> String {
    let mut found = String::new();
    read_all(&it.folder().join("files"), &mut found, &|_| false);
    found
}

fn read_all(folder: &Path, into: &mut String, left_out: &dyn Fn(&Path) -> bool) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, into, left_out);
        } else if !left_out(&path) {
            into.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
        }
    }
}

#[tokio::test]
async fn mails_that_became_no_message_grow_old() {
    let it = Fixture::new().await;
    let kept = it.receive(mail(BOB, "", "a question")).await;
    let ignored =
        it.receive("From: desk@example.com\r\nTo: a@x.example\r\nSubject: x\r\n\r\nx").await;
    let quarantined = unreadable(&it, &mail(BOB, "", "unreadable")).await;
    let raw = mail(BOB, "", "twice");
    it.receive(&raw).await;
    let Put::Duplicate(twice) = it.take(format!("Received: x\r\n{raw}").as_bytes()).await else {
        panic!("not a copy");
    };
    let old = [ignored.id, quarantined, twice];
    let find = async |id: InboundId| {
        it.desk.store.read(move |db| storage::inbound::find(db, id)).await.unwrap()
    };
    let keep = async |days: Option<u32>| {
        let set = move |tx: &storage::Tx<'_>| {
            let new = || domain::workspace::Workspace::new("Example".to_owned(), NOW);
            let mut it = storage::workspace::find(tx)?.unwrap_or_else(new);
            it.retention_days = days;
            storage::workspace::put(tx, &it)
        };
        it.desk.store.write(set).await.unwrap();
        while !crate::retention::slice(&it.desk).await.unwrap() {}
    };

    it.desk.clock.set(NOW.plus_seconds(31 * DAY));
    keep(None).await;
    keep(Some(32)).await;
    for id in old {
        assert!(find(id).await.is_some());
    }
    keep(Some(30)).await;
    for id in old {
        assert_eq!(find(id).await, None);
    }
    assert!(find(kept.id).await.is_some(), "its conversation is open");
    let unreferenced = it
        .desk
        .store
        .read(|db| storage::attachments::unreferenced(db, NOW.plus_seconds(32 * DAY), 100))
        .await
        .unwrap();
    assert_eq!(unreferenced.len(), 3);
}
