//! Mails that do not leave at once.

use super::*;

#[tokio::test]
async fn what_is_held_after_a_restore_waits_whatever_is_written() {
    let it = Scene::new().await;
    it.reply("It left today.").await;
    it.desk.write(|tx| Ok(jobs::hold_outside_facing(tx)?)).await;
    let held = it.job().await.unwrap();
    it.reply("It arrives tomorrow.").await;
    let after = it.job().await.unwrap();
    assert_eq!((after.state, after.id), (JobState::Held, held.id));
    assert!(it.after(3_600).await.is_empty());
    it.desk.write(|tx| Ok(jobs::release_held(tx)?)).await;
    let [mail] = it.after(1).await.try_into().unwrap();
    assert!(mail.data.contains("today") && mail.data.contains("tomorrow"));
}

/// The contact's first address from now on.
async fn correct(it: &Scene, address: &'static str) {
    let (id, now) = (it.conversation, it.desk.clock.now());
    it.desk
        .write(move |tx| {
            let id = conversations::find(tx, id)?.unwrap().contact_id;
            let mut contact = storage::contacts::find(tx, id)?.unwrap();
            contact.emails = vec![domain::addresses::EmailAddress::parse(address).unwrap()];
            contact.updated_at = now;
            Ok(storage::contacts::update(tx, &contact)?)
        })
        .await;
}

#[tokio::test]
async fn a_mail_that_is_tried_again_goes_where_it_went_first() {
    let it = Scene::new().await;
    it.server.fail([Fault::TakeAndClose]);
    it.reply("Hello!").await;
    it.after(61).await;
    correct(&it, "right@x.example").await;
    let mails = it.after(60).await;
    assert_eq!(mails.iter().map(|it| it.to[0].as_str()).collect::<Vec<_>>(), [LEE, LEE]);
    assert_eq!(mails[0].message_id(), mails[1].message_id());
    it.reply("Did you get it?").await;
    let mails = it.after(61).await;
    assert_eq!(mails[2].to, ["right@x.example"]);
    assert!(!mails[2].data.contains("Hello!"));
}

#[tokio::test]
async fn a_mail_that_was_given_up_goes_to_the_address_somebody_corrected() {
    let it = Scene::new().await;
    it.server.fail([Fault::Reply(Verb::Rcpt, "451 later"); 12]);
    it.reply("Hello!").await;
    for _ in 0..12 {
        assert!(it.after(86_400).await.is_empty());
    }
    assert_eq!(it.job().await.unwrap().state, JobState::Dead);
    it.after(60).await;
    correct(&it, "right@x.example").await;
    it.reply("Are you there?").await;
    let [mail] = it.after(61).await.try_into().unwrap();
    assert_eq!(mail.to, ["right@x.example"]);
    assert!(mail.data.contains("Hello!") && mail.data.contains("To: right@x.example"));
}

#[tokio::test]
async fn trying_again_is_not_another_mail() {
    let it = Scene::new().await;
    let now = it.desk.clock.now().plus_seconds(60);
    it.desk
        .write(move |tx| {
            for _ in 0..5 {
                throttles::within_hourly_limit(tx, "chat mail to", LEE, 6, now)?;
            }
            Ok(())
        })
        .await;
    it.server.fail([Fault::Reply(Verb::Rcpt, "451 later"); 2]);
    it.reply("Hello!").await;
    assert!(it.after(61).await.is_empty());
    assert!(it.after(120).await.is_empty());
    assert_eq!(it.after(600).await.len(), 1, "the sixth of six, whatever it took");
    it.reply("One more").await;
    assert_eq!(it.after(61).await.len(), 1, "the seventh waits");
}

#[tokio::test]
async fn a_mail_that_is_refused_is_told_and_one_that_may_pass_is_the_same_again() {
    let it = Scene::new().await;
    it.server.fail([Fault::Reply(Verb::Rcpt, "550 no such user")]);
    it.reply("Hello!").await;
    assert!(it.after(61).await.is_empty());
    assert_eq!(it.job().await.unwrap().state, JobState::Dead);
    assert!(it.told().await.iter().any(|it| it.contains("no such user")), "{:?}", it.told().await);
    assert_eq!(it.seen().await.len(), 2, "the chat itself has it");

    it.server.fail([Fault::TakeAndClose]);
    it.reply("Still there?").await;
    assert_eq!(it.after(61).await.len(), 1);
    let mails = it.after(60).await;
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].message_id(), mails[1].message_id(), "nobody reads it twice");
}
