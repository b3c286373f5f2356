//! Mail for a conversation that was merged into another.

use connectors::email::marker;
use domain::{
    agents::Role, conversations::Conversation, ids::AgentId, operations::merges::Merge,
    policy::Caller,
};

use super::fixture::{Fixture, NOW, mail};
use crate::{conversations::merges, threading::body_token};

const ANN: &str = "Ann <ann@customer.example>";

fn somebody() -> Caller {
    Caller::Agent { id: AgentId::new(), role: Role::Agent, session: None }
}

async fn merge(it: &Fixture, from: &Conversation, into: &Conversation) -> Merge {
    let (from, into) = (from.clone(), into.clone());
    let write = move |tx: &storage::Tx<'_>| merges::merge_in(tx, &somebody(), from, into, NOW);
    it.desk.store.write(write).await.unwrap()
}

#[tokio::test]
async fn what_comes_later_follows_the_target_and_comes_back_with_an_undo() {
    let it = Fixture::new().await;
    let row = it.receive(mail(ANN, "Message-ID: <a@customer.example>\r\nSubject: A", "Hi")).await;
    let one = it.conversation_of(&row).await;
    it.reply(one.id, "sent-1@example.com").await;
    it.add_participant(&one, "bob@customer.example").await;
    let row = it.receive(mail(ANN, "Subject: B", "Hello again")).await;
    let (one, two) = (it.conversation(one.id).await, it.conversation_of(&row).await);
    assert_ne!(one.id, two.id);
    let merged = merge(&it, &one, &two).await;

    let body = format!("> {}", marker::body(&body_token(&it.desk.keys, &one)));
    let numbered = format!("Subject: Re: [#{}] A", one.number);
    let cites = "In-Reply-To: <sent-1@example.com>";
    let cases = [
        (ANN, cites, "x"),
        (ANN, "References: <a@customer.example>", "x"),
        (ANN, "Subject: Re: A", body.as_str()),
        (ANN, numbered.as_str(), "x"),
        ("bob@customer.example", cites, "x"),
    ];
    for (from, headers, body) in cases {
        let row = it.receive(mail(from, headers, body)).await;
        assert_eq!(it.conversation_of(&row).await.id, two.id, "{from} {headers} {body}");
    }
    let row = it.receive(mail("eve@stranger.example", cites, "x")).await;
    let hers = it.conversation_of(&row).await;
    assert_eq!((hers.id == two.id, hers.related_id), (false, Some(two.id)));

    let write = move |tx: &storage::Tx<'_>| merges::undo(tx, &somebody(), &merged, NOW);
    it.desk.store.write(write).await.unwrap();
    let row = it.receive(mail(ANN, cites, "and now?")).await;
    assert_eq!(it.conversation_of(&row).await.id, one.id);
    let row = it.receive(mail("bob@customer.example", cites, "and I?")).await;
    assert_eq!(it.conversation_of(&row).await.id, one.id);
}
