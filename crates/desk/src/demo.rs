//! A believable workspace for trying things out and for measuring: the same seed makes the same
//! people, conversations and times, ending on a fixed day.

mod build;
mod files;
mod layouts;
mod phrases;

use domain::{
    Timestamp,
    addresses::EmailAddress,
    agents::Role,
    channels::{Channel, ChannelType},
    ids::{AgentId, ChannelId},
    visitors::{PreChatField, ReplyTime},
    workspace::Workspace,
};
use storage::{
    Load, Store, Tx, agents, channels as stored_channels, conversations, reports, workspace,
};

use crate::{
    Desk, DeskError,
    channels::{self, ConfigPatch, NewChannel, webchat_configs::WebchatPatch},
};

/// Friday, 30 January 2026, 17:00 UTC: the last moment anything happened, unless it is chosen.
pub const END: Timestamp = Timestamp(1_769_792_400_000);
/// The oldest conversation began this long before: three years.
const SPAN_SECONDS: i64 = 3 * 365 * 86_400;
/// Conversations in one transaction of the load.
const SLICE: u64 = 4_000;

#[derive(Debug, Clone, Copy)]
pub struct Options {
    pub conversations: u64,
    pub seed: u64,
    /// The last moment anything happened.
    pub end: Timestamp,
}

impl Default for Options {
    fn default() -> Self {
        Self { conversations: 1_000, seed: 1, end: END }
    }
}

/// The agents and channels that conversations are dealt to.
struct Cast {
    agents: Vec<AgentId>,
    channels: Vec<(ChannelId, String)>,
    end: Timestamp,
}

/// Fills an empty store. `progress` hears how many conversations are done. Blocks.
///
/// Nobody can sign in to it yet: `admin create` adds the first login.
///
/// # Errors
/// A conflict when the store already has a workspace; otherwise what the store says.
pub fn fill(
    store: &Store,
    options: Options,
    progress: impl Fn(u64) + Send + 'static,
) -> Result<(), DeskError> {
    let files = files::Files::put(store, options.seed)?;
    store.bulk(move |load| {
        let mut random = fastrand::Rng::with_seed(options.seed);
        let cast = load.transaction(|tx| begin(tx, options.end, &mut random))?;
        let builder = build::Builder::new(options, files);
        conversations(load, options, &cast, builder, &mut random, progress)
    })
}

fn conversations(
    load: &Load<'_>,
    options: Options,
    cast: &Cast,
    mut builder: build::Builder,
    random: &mut fastrand::Rng,
    progress: impl Fn(u64),
) -> Result<(), DeskError> {
    let mut done = 0;
    while done < options.conversations {
        let slice = SLICE.min(options.conversations - done);
        load.transaction(|tx| {
            for index in done..done + slice {
                let share = index as f64 / options.conversations as f64;
                let age = (SPAN_SECONDS as f64 * (1.0 - share)) as i64;
                builder.conversation(tx, cast, options.end.plus_seconds(-age), random)?;
            }
            Ok::<_, DeskError>(reports::count_newest(tx, slice)?)
        })?;
        done += slice;
        progress(done);
    }
    load.transaction(|tx| {
        reports::end_load(tx)?;
        Ok(conversations::counts::rebuild(tx)?)
    })
}

fn begin(tx: &Tx<'_>, end: Timestamp, random: &mut fastrand::Rng) -> Result<Cast, DeskError> {
    if workspace::find(tx)?.is_some() {
        return Err(DeskError::conflict(
            "this folder already has a workspace; choose an empty one",
        ));
    }
    reports::expect_load(tx)?;
    let start = end.plus_seconds(-SPAN_SECONDS);
    workspace::put(tx, &Workspace::new("Northwind Home".to_owned(), start))?;
    let mut cast = Cast { agents: Vec::new(), channels: Vec::new(), end };
    for index in 0..12 {
        let first = phrases::FIRST_NAMES[index * 2];
        let last = phrases::LAST_NAMES[index * 2];
        let address = format!("{}.{index}@northwind.example", first.to_lowercase());
        let agent = domain::agents::Agent {
            id: AgentId(build::id(start, random)),
            name: format!("{first} {last}"),
            email: EmailAddress::parse(&address).expect("the names are plain ASCII"),
            role: Role::Agent,
            is_active: true,
            has_password: false,
            last_seen_at: None,
            created_at: start,
            updated_at: start,
            deleted_at: None,
        };
        agents::insert(tx, &agent, None)?;
        cast.agents.push(agent.id);
    }
    for (name, local) in [("Support", "support"), ("Sales", "sales"), ("Billing", "billing")] {
        let address = format!("{local}@northwind.example");
        let server = |port| {
            serde_json::json!({"host": "127.0.0.1", "port": port, "security": "none",
                "username": address})
        };
        let channel = Channel {
            id: ChannelId(build::id(start, random)),
            kind: ChannelType::Email,
            name: name.to_owned(),
            config: serde_json::json!({
                "address": address, "from_name": "Northwind Home", "imap": server(143),
                "folders": ["INBOX"], "smtp": server(587), "oauth": null,
                "new_conversation_after_days": 30, "quote_history": true,
                "plus_addressing": false, "subject_number": false,
                "max_mail_bytes": 52_428_800, "signature": null,
            }),
            // No mailbox stands behind it.
            is_active: false,
            created_at: start,
            updated_at: start,
            deleted_at: None,
        };
        stored_channels::insert(tx, &channel)?;
        cast.channels.push((channel.id, address));
    }
    Ok(cast)
}

/// The chat of the demo's shop: made once, shown on our own pages alone.
///
/// # Errors
/// What the store says.
pub async fn chat(desk: &Desk, by: AgentId) -> crate::Result<ChannelId> {
    const NAME: &str = "Northwind chat";
    let all = channels::list(desk).await?;
    let found = all.into_iter().find(|it| it.channel.kind == ChannelType::Webchat);
    if let Some(it) = found {
        return Ok(it.channel.id);
    }
    let field = |field: &str, label: &str, required| PreChatField {
        field: field.to_owned(),
        label: label.to_owned(),
        required,
    };
    let patch = WebchatPatch {
        greeting: Some(Some("Hello! Ask us about products, orders and returns.".to_owned())),
        color: Some(Some("#0f766e".to_owned())),
        reply_time: Some(ReplyTime::Minutes),
        pre_chat: Some(vec![
            field("name", "Your name", false),
            field("email", "Your e-mail address", false),
        ]),
        ..WebchatPatch::default()
    };
    let new = NewChannel {
        kind: ChannelType::Webchat,
        name: NAME.to_owned(),
        config: ConfigPatch::Webchat(patch),
        is_active: true,
    };
    Ok(channels::create(desk, by, new, None).await?.channel.id)
}

#[cfg(test)]
mod tests {
    use domain::{messages::Direction, reports::Fact};
    use storage::{
        conversations::{
            counts::differences,
            list::{Condition, Filter, Sort, Start, page},
        },
        messages::{Place, page as page_of},
        search::{self, query::Query},
    };

    use super::*;

    fn filled(conversations: u64, seed: u64) -> (Store, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(storage::Options::new(folder.path())).unwrap();
        fill(&store, Options { conversations, seed, end: END }, |_| {}).unwrap();
        (store, folder)
    }

    #[test]
    fn the_same_seed_makes_the_same_workspace_and_another_seed_another() {
        let rows = |seed| {
            let (store, _folder) = filled(60, seed);
            store
                .read_blocking(|db| {
                    page(db, &Filter::default(), Sort::Newest, Start::Offset(0), 100)
                })
                .unwrap()
                .rows
        };
        let first = rows(1);
        assert!(first.len() > 50, "nearly all are there, spam apart");
        assert_eq!(first, rows(1));
        assert_ne!(first, rows(2));
        assert!(first.iter().all(|it| it.conversation.active_at <= END));
    }

    #[test]
    fn what_it_makes_is_counted_searchable_and_made_only_once() {
        let (store, _folder) = filled(40, 7);
        assert_eq!(store.read_blocking(differences).unwrap(), 0);
        let opened = || {
            let mut opened = 0;
            let count = |key: &reports::Key, _, fact, n: i64| {
                if fact == Fact::Opened && key.tag == reports::ANY_TAG {
                    opened += n;
                }
            };
            store.read_blocking(|db| reports::each(db, 0, u32::MAX, count)).unwrap();
            opened
        };
        let counted = opened();
        assert!((35..=40).contains(&counted), "spam apart: {counted}");
        store.write_blocking(reports::begin).unwrap();
        while !store.write_blocking(|tx| reports::catch_up(tx, 7)).unwrap() {}
        assert_eq!(opened(), counted);
        let query = Query::parse("hello").unwrap();
        let start = search::conversations::Start::Offset(0);
        let found = store
            .read_blocking(|db| {
                search::conversations::hits(db, &query, &Filter::default(), start, 100)
            })
            .unwrap();
        assert!(found.hits.len() > 30);
        let with_files =
            Filter { conditions: vec![Condition::Attachment(true)], ..Filter::default() };
        let found =
            store.read_blocking(|db| page(db, &with_files, Sort::Newest, Start::Offset(0), 100));
        let found = found.unwrap().rows.len();
        assert!((1..15).contains(&found), "a small share has files: {found} of 40");
        for hash in store.read_blocking(storage::attachments::referenced_files).unwrap() {
            assert!(!store.files().read(hash.parse().unwrap()).unwrap().is_empty());
        }
        let mut mails = Vec::new();
        for number in 1..=40 {
            let thread = store.read_blocking(move |db| page_of(db, number, Place::Newest, 100));
            mails.extend(
                thread.unwrap().into_iter().filter(|it| it.direction == Direction::Inbound),
            );
        }
        let formatted: Vec<_> = mails.iter().filter_map(|it| it.html.as_deref()).collect();
        let share = formatted.len() * 100 / mails.len();
        assert!((4..25).contains(&share), "{share} of a hundred have HTML");
        assert!(formatted.iter().all(|it| it.contains("<table") && it.contains("NW-")));
        let again = fill(&store, Options { conversations: 1, ..Options::default() }, |_| {});
        assert!(matches!(again, Err(DeskError::Conflict { .. })));
    }

    #[test]
    fn an_index_made_anew_finds_the_same() {
        let (store, _folder) = filled(40, 7);
        let found = || -> Vec<Vec<_>> {
            let words = ["hello", "order", "billing", "northwind", "example"];
            let numbers = |word| {
                let query = Query::parse(word).unwrap();
                let start = search::conversations::Start::Offset(0);
                let found = store.read_blocking(move |db| {
                    search::conversations::hits(db, &query, &Filter::default(), start, 100)
                });
                found.unwrap().hits.iter().map(|it| it.number).collect()
            };
            words.map(numbers).to_vec()
        };
        let before = found();
        assert!(before.iter().map(Vec::len).sum::<usize>() > 50);
        store.write_blocking(search::rebuild::clear).unwrap();
        assert_eq!(found().iter().map(Vec::len).sum::<usize>(), 0);
        let mut next = Some(search::rebuild::Step::FIRST);
        while let Some(step) = next {
            next = store.write_blocking(move |tx| search::rebuild::step(tx, step, 7)).unwrap();
        }
        assert_eq!(found(), before);
    }
}
