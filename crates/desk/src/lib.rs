//! What the desk does. Every use case takes a [`Desk`], which holds what they need.

pub mod accounts;
pub mod agents;
pub mod api_keys;
pub mod articles;
pub mod attachments;
pub mod audit;
pub mod automations;
pub mod backups;
pub mod canned_replies;
pub mod channels;
pub mod clock;
mod consequences;
pub mod contacts;
pub mod conversations;
mod deliver;
pub mod demo;
pub mod drafts;
mod error;
pub mod health;
pub mod idempotency;
pub mod identity;
pub mod inbound;
pub mod invitations;
pub mod keys;
pub mod live;
pub mod mailboxes;
pub mod messages;
pub mod notices;
pub mod operations;
pub mod options;
pub mod passwords;
pub mod receive;
pub mod reports;
pub mod resets;
pub mod retention;
mod room;
pub(crate) mod secrets;
pub mod sessions;
pub mod settings;
pub mod suggestions;
pub mod system_mail;
pub mod tags;
#[cfg(test)]
mod testing;
pub mod threading;
pub mod throttles;
pub mod tokens;
pub mod variables;
pub mod views;
pub mod visitors;
pub mod workers;

use std::sync::Arc;

pub use clock::Clock;
pub use domain::conversations::RuleError;
pub use error::{DeskError, FieldError, Problems};
pub use keys::Keys;
pub use options::Options;
pub use storage::{Published, Store, StoreError};

use automations::Rulebook;
use deliver::Connections;
use live::{Listeners, drafts::DraftNews, presence::Presences};
use passwords::Passwords;
use sessions::SessionCache;
use visitors::{live::Watchers, sites::Sites};

/// The running desk. Cheap to clone: all clones share everything.
#[derive(Clone)]
pub struct Desk {
    pub store: Store,
    /// The one clock; nothing else tells the time.
    pub clock: Clock,
    pub keys: Keys,
    pub options: Arc<Options>,
    /// Who has a live stream open.
    pub listeners: Arc<Listeners>,
    pub presences: Arc<Presences>,
    pub draft_news: Arc<DraftNews>,
    /// Who has the chat of a site open.
    pub watchers: Arc<Watchers>,
    pub(crate) sites: Arc<Sites>,
    pub(crate) passwords: Passwords,
    pub(crate) uploads: Arc<attachments::quotas::Ways>,
    pub(crate) sessions: Arc<SessionCache>,
    pub(crate) key_uses: Arc<api_keys::Uses>,
    pub(crate) mail_tokens: Arc<channels::accounts::Tokens>,
    pub(crate) connections: Connections,
    pub(crate) mail_memory: receive::Memory,
    pub(crate) models: Arc<suggestions::Models>,
    pub(crate) rulebook: Arc<Rulebook>,
    #[cfg(test)]
    pub(crate) failpoints: testing::Failpoints,
}

pub type Result<T, E = DeskError> = std::result::Result<T, E>;

impl Desk {
    pub fn new(store: Store, clock: Clock, keys: Keys, options: Options) -> Self {
        Self {
            store,
            clock,
            keys,
            options: Arc::new(options),
            listeners: Arc::default(),
            presences: Arc::default(),
            draft_news: Arc::default(),
            watchers: Arc::default(),
            sites: Arc::default(),
            passwords: Passwords::new(),
            uploads: Arc::default(),
            sessions: Arc::default(),
            key_uses: Arc::default(),
            mail_tokens: Arc::default(),
            connections: Connections::default(),
            mail_memory: receive::Memory::new(),
            models: Arc::default(),
            rulebook: Arc::default(),
            #[cfg(test)]
            failpoints: testing::Failpoints::default(),
        }
    }
}
