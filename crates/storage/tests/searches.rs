//! Searches by the beginnings of words: the same conversations, whether the index puts the words
//! together or has no time to, and however far down a page begins.

#![expect(clippy::unwrap_used, reason = "helpers of a test fail by panicking")]
use std::time::Duration;

use domain::{
    Timestamp,
    channels::{Channel, ChannelType},
    contacts::Contact,
    conversations::Conversation,
    ids::{ChannelId, ContactId, ConversationId, MessageId},
    messages::{Direction, Message, MessageType, Sender, SenderType},
};
use proptest::prelude::*;
use storage::{
    Options, Reader, Store, StoreError, Tx, channels, contacts,
    conversations::{self, list::Filter},
    messages,
    search::{
        conversations::{Cursor, Hit, Start, hits},
        index,
        query::Query,
    },
};

const NOW: Timestamp = Timestamp(1_700_000_000_000);
const WORDS: [&str; 6] = ["order", "Orders", "ordinary", "late", "latest", "Órdenes"];

/// A conversation for each entry, with messages of the words that are chosen by its numbers.
fn store(entries: &[Vec<u8>], folder: &std::path::Path) -> Store {
    let store = Store::open(Options::new(folder)).unwrap();
    let entries = entries.to_vec();
    let fill = move |tx: &Tx<'_>| {
        let (channel, contact) = (ChannelId::new(), ContactId::new());
        channels::insert(
            tx,
            &Channel {
                id: channel,
                kind: ChannelType::Email,
                name: "a channel".into(),
                config: serde_json::json!({}),
                is_active: true,
                created_at: NOW,
                updated_at: NOW,
                deleted_at: None,
            },
        )?;
        contacts::insert(tx, &Contact::new(contact, NOW))?;
        for (index, entry) in entries.iter().enumerate() {
            let at = NOW.plus_seconds(i64::try_from(index).unwrap());
            conversation(tx, (channel, ChannelType::Email), contact, entry, at)?;
        }
        Ok::<_, StoreError>(())
    };
    store.write_blocking(fill).unwrap();
    store
}

fn conversation(
    tx: &Tx<'_>,
    channel: (ChannelId, ChannelType),
    contact: ContactId,
    entry: &[u8],
    at: Timestamp,
) -> Result<(), StoreError> {
    let text = |dice: u8| {
        let word = |it: u8| WORDS[usize::from(it) % WORDS.len()];
        format!("a {} and, {}.", word(dice), word(dice / 16))
    };
    let subject = entry.first().map(|it| text(*it));
    let mut it = Conversation::open(ConversationId::new(), channel, contact, subject, at);
    conversations::insert(tx, &mut it)?;
    index::put_conversation(tx, it.number, it.subject.as_deref(), &[])?;
    for dice in entry.iter().skip(1) {
        let mut message = Message {
            seq: 0,
            id: MessageId::new(),
            conversation_id: it.id,
            conversation_number: it.number,
            direction: Direction::Inbound,
            kind: MessageType::Text,
            sender: Sender { kind: SenderType::Contact, id: Some(contact.0), name: None },
            text: text(*dice),
            html: None,
            quoted: None,
            signature: None,
            attachments: Vec::new(),
            status: None,
            error: None,
            send_at: None,
            cancel_if_customer_writes: false,
            mail: None,
            event: None,
            created_at: at,
            sent_at: None,
        };
        messages::insert(tx, &mut message)?;
    }
    Ok(())
}

/// All that is found from `start` on, page by page.
fn all(store: &Store, query: &Query, start: Start, limit: usize, hurried: bool) -> Vec<i64> {
    let filter = Filter::default();
    let mut found = Vec::new();
    let mut next = Some(start);
    while let Some(start) = next {
        let page = |db: &Reader<'_>| match hurried {
            // No time for the index to collect words, nor for more than one row.
            true => hits(&db.within(Duration::ZERO), query, &filter, start, limit),
            false => hits(db, query, &filter, start, limit),
        };
        let page = store.read_blocking(page).unwrap();
        assert!(page.hits.len() <= limit);
        found.extend(page.hits.iter().map(|it: &Hit| it.number));
        next = page.next;
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_beginning_finds_the_same_with_and_without_the_index(
        entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..5), 0..30),
        limit in 1..7_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&entries, folder.path());
        for text in ["ord*", "order*", "lat* ord*", "late ord*", "order"] {
            let query = Query::parse(text).unwrap();
            let want = all(&store, &query, Start::Offset(0), usize::MAX, false);
            prop_assert_eq!(&all(&store, &query, Start::Offset(0), limit, false), &want, "{}", text);
            // A cursor goes through all matches, however few conversations there are.
            let far = 2 * limit;
            for rows in [0, far] {
                let start = Start::Skip { after: Cursor::START, rows };
                let rest = &want[rows.min(want.len())..];
                prop_assert_eq!(&all(&store, &query, start, limit, false), rest, "{}", text);
                prop_assert_eq!(&all(&store, &query, start, limit, true), rest, "{}", text);
            }
        }
    }
}
