//! What happens between a visitor's look and their listening.

use domain::{
    channels::ChannelType,
    ids::{ChannelId, ConversationId},
};

use super::{Limits, News, Watcher, Watchers, news};
use crate::{
    channels::{self, ChannelPatch, ConfigPatch, NewChannel, webchat_configs::WebchatPatch},
    testing::TestDesk,
    tokens::Token,
    visitors::{
        sessions,
        writing::{self, NewMessage},
    },
};

struct Scene {
    desk: TestDesk,
    chat: ChannelId,
    token: Token,
}

impl Scene {
    async fn new() -> Self {
        let desk = TestDesk::open().await;
        let config = ConfigPatch::Webchat(WebchatPatch::default());
        let (kind, name) = (ChannelType::Webchat, "Chat".to_owned());
        let new = NewChannel { kind, name, config, is_active: true };
        let chat = channels::create(&desk, desk.agent, new, None).await.unwrap().channel.id;
        let arrival = sessions::Arrival { channel: chat, token: None, identity: None };
        let token = sessions::enter(&desk, arrival).await.unwrap().token;
        Self { desk, chat, token }
    }

    async fn write(&self, id: &str) -> ConversationId {
        let new = NewMessage {
            text: "Hello".to_owned(),
            client_id: id.to_owned(),
            ..NewMessage::default()
        };
        let written = writing::write(&self.desk, self.chat, self.token.clone(), new).await;
        written.unwrap().conversation
    }

    async fn look(&self) -> News {
        news(&self.desk, self.chat, self.token.clone(), None).await.unwrap()
    }

    fn listen(&self, news: &News) -> Watcher {
        let (network, limits) = ("here".to_owned(), Limits::default());
        let it = Watchers::enter(&self.desk, news.visitor, self.chat, network, limits).unwrap();
        it.follow(news);
        it
    }
}

/// Whether it was woken to look again.
async fn is_woken(it: &Watcher) -> bool {
    tokio::select! {
        biased;
        woken = it.woken() => woken.stored,
        () = std::future::ready(()) => false,
    }
}

#[tokio::test]
async fn who_follows_nothing_is_not_woken_by_what_happens_to_others() {
    let it = Scene::new().await;
    let looked = it.look().await;
    it.desk.watchers.tell(ConversationId::new());
    let watcher = it.listen(&looked);
    assert!(!is_woken(&watcher).await);
    it.desk.watchers.tell(ConversationId::new());
    assert!(!is_woken(&watcher).await);
}

#[tokio::test]
async fn what_happens_before_somebody_listens_wakes_them() {
    let it = Scene::new().await;
    // Their first words, from another tab.
    let looked = it.look().await;
    let conversation = it.write("1").await;
    let watcher = it.listen(&looked);
    assert!(is_woken(&watcher).await);
    watcher.follow(&it.look().await);
    it.desk.watchers.tell(conversation);
    assert!(is_woken(&watcher).await);
    drop(watcher);

    let looked = it.look().await;
    it.desk.watchers.tell(conversation);
    let watcher = it.listen(&looked);
    assert!(is_woken(&watcher).await, "something in their conversation");
    assert!(!is_woken(&watcher).await, "once");

    let looked = it.look().await;
    it.desk.watchers.end_contact(looked.contact.unwrap());
    assert!(is_woken(&it.listen(&looked)).await, "they may be blocked by now");
}

#[tokio::test]
async fn a_chat_that_closes_before_somebody_listens_is_looked_at_again() {
    let it = Scene::new().await;
    let looked = it.look().await;
    let patch = ChannelPatch { is_active: Some(false), ..ChannelPatch::default() };
    channels::update(&it.desk, it.desk.agent, it.chat, patch).await.unwrap();
    it.desk.watchers.tell_channel(it.chat);
    let watcher = it.listen(&looked);
    assert!(is_woken(&watcher).await);
    assert!(news(&it.desk, it.chat, it.token.clone(), None).await.is_err());
    it.desk.watchers.tell_channel(ChannelId::new());
    assert!(!is_woken(&watcher).await, "another chat is none of theirs");
}

#[tokio::test]
async fn who_comes_back_takes_the_place_of_their_old_stream() {
    let it = Scene::new().await;
    let visitor = it.look().await.visitor;
    let limits = Limits { of_everybody: 1, ..Limits::default() };
    let enter = |who| Watchers::enter(&it.desk, who, it.chat, "near".to_owned(), limits);
    let old = enter(visitor).unwrap();
    assert!(enter(visitor + 1).is_err(), "a stranger");
    let new = enter(visitor).unwrap();
    assert!(old.woken().await.is_over);
    drop(old);
    assert_eq!(it.desk.watchers.count(), 1);
    assert_eq!(it.desk.watchers.away_since(visitor), None);
    drop(new);
    assert_eq!(it.desk.watchers.count(), 0);
}
