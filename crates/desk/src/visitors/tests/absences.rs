//! Who is mailed after they left, and how much of it.

use super::*;

#[tokio::test]
async fn who_is_there_or_has_read_it_is_not_mailed() {
    let it = Scene::new().await;
    let known = listener(&it).await;
    let watcher =
        Watchers::enter(&it.desk, known, it.chat, "here".to_owned(), Limits::default()).unwrap();
    it.reply("Hello!").await;
    assert!(it.after(1_700).await.is_empty(), "they are there");
    drop(watcher);
    assert_eq!(it.after(120).await.len(), 1, "they left without reading it");
    let watcher =
        Watchers::enter(&it.desk, known, it.chat, "here".to_owned(), Limits::default()).unwrap();
    it.reply("Still there?").await;
    assert_eq!(it.after(1_700).await.len(), 1);
    assert_eq!(it.after(400).await.len(), 2, "nobody sits before that page any more");
    drop(watcher);
    let again = Scene::new().await;
    let unread = again.reply("Hello!").await;
    readings::read(&again.desk, again.chat, again.token.clone(), unread.id).await.unwrap();
    assert!(again.after(61).await.is_empty() && again.job().await.is_none(), "they have read it");
    let found = again.desk.store.read(move |db| messages::find(db, unread.id)).await.unwrap();
    assert_eq!(found.unwrap().status, Some(DeliveryStatus::Read));
}

#[tokio::test]
async fn who_left_a_moment_ago_may_come_back() {
    let it = Scene::new().await;
    let known = listener(&it).await;
    let enter =
        || Watchers::enter(&it.desk, known, it.chat, "here".to_owned(), Limits::default()).unwrap();
    let watcher = enter();
    it.reply("Hello!").await;
    it.desk.clock.advance(std::time::Duration::from_secs(55));
    drop(watcher);
    assert!(it.after(10).await.is_empty(), "the page is loaded anew");
    assert_eq!(it.after(120).await.len(), 1);
}

#[tokio::test]
async fn an_admin_chooses_how_long_somebody_must_have_left() {
    let it = Scene::new().await;
    let patch = WebchatPatch { email_after_seconds: Some(10), ..WebchatPatch::default() };
    let patch =
        ChannelPatch { config: Some(ConfigPatch::Webchat(patch)), ..ChannelPatch::default() };
    channels::update(&it.desk, it.desk.agent, it.chat, patch).await.unwrap();
    let known = listener(&it).await;
    let watcher =
        Watchers::enter(&it.desk, known, it.chat, "here".to_owned(), Limits::default()).unwrap();
    it.reply("Hello!").await;
    it.desk.clock.advance(std::time::Duration::from_secs(5));
    drop(watcher);
    assert!(it.after(5).await.is_empty());
    assert_eq!(it.after(5).await.len(), 1);
}

#[tokio::test]
async fn one_address_gets_so_many_mails_and_no_more() {
    let it = Scene::new().await;
    for n in 0..6 {
        it.reply(&format!("Reply {n}")).await;
        assert_eq!(it.after(61).await.len(), n + 1);
    }
    it.reply("One too many").await;
    assert_eq!(it.after(61).await.len(), 6);
    assert_eq!(it.after(3_600).await.len(), 7, "it waits");
}

#[tokio::test]
async fn one_mailbox_writes_to_so_many_strangers_and_no_more() {
    let it = Scene::new().await;
    let (mailbox, now) = (it.mailbox.to_string(), it.desk.clock.now());
    it.desk
        .write(move |tx| {
            for _ in 0..500 {
                throttles::within_hourly_limit(tx, "chat mail of", &mailbox, 500, now)?;
            }
            Ok(())
        })
        .await;
    it.reply("Hello!").await;
    assert!(it.after(61).await.is_empty());
    assert_eq!(it.after(3_600).await.len(), 1, "it waits");
}

#[tokio::test]
async fn what_a_program_answers_is_never_mailed_to_an_address_somebody_typed() {
    let it = Scene::new().await;
    let (id, now) = (it.conversation, it.desk.clock.now());
    it.desk
        .write(move |tx| {
            let mut conversation = conversations::find(tx, id)?.unwrap();
            for sender in [SenderType::System, SenderType::Ai] {
                let words = "We got your message and will answer soon";
                let mut answer = message(Direction::Outbound, sender, id.0, words);
                leaves_now(&mut answer, now);
                append(tx, &mut conversation, answer, Actor::System, now)?;
            }
            crate::visitors::mails::expect(tx, &conversation, now)
        })
        .await;
    assert_eq!(it.seen().await.len(), 3, "it is in the chat");
    assert!(it.after(61).await.is_empty() && it.job().await.is_none());
}

#[tokio::test]
async fn what_a_person_wrote_is_mailed_however_much_a_program_said_before() {
    let it = Scene::new().await;
    let (id, now) = (it.conversation, it.desk.clock.now());
    it.desk
        .write(move |tx| {
            let mut conversation = conversations::find(tx, id)?.unwrap();
            for n in 0..40 {
                let words = format!("Have you tried number {n}?");
                let mut answer = message(Direction::Outbound, SenderType::Ai, id.0, &words);
                leaves_now(&mut answer, now);
                append(tx, &mut conversation, answer, Actor::System, now)?;
            }
            Ok(())
        })
        .await;
    it.reply("Here is a person.").await;
    let [mail] = it.after(61).await.try_into().unwrap();
    assert!(mail.data.contains("Here is a person.") && !mail.data.contains("number"));
}

#[tokio::test]
async fn without_an_address_or_a_mailbox_nothing_goes_out() {
    let it = Scene::new().await;
    let token = enter(&it.desk, it.chat).await;
    let new =
        NewMessage { text: "Hi".to_owned(), client_id: "1".to_owned(), ..NewMessage::default() };
    let written = writing::write(&it.desk, it.chat, token, new).await.unwrap();
    let nameless = Scene { conversation: written.conversation, ..it };
    nameless.reply("Hello!").await;
    assert!(nameless.after(61).await.is_empty() && nameless.job().await.is_none());
}
