//! Ids: UUIDv7 (RFC 9562), one newtype for each thing, made at the edge and passed in.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Text that should have been an id. The example is a UUIDv7 of nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an id such as 01957d4e-6a00-7c31-9b52-0c2f7e1d8a40")]
pub struct NotAnId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id. Ids never order anything; the time inside only keeps indexes compact.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self).map_err(|_| NotAnId)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    AgentId,
    ApiKeyId,
    ArticleId,
    AttachmentId,
    CannedReplyId,
    ChannelId,
    ContactId,
    ConversationId,
    /// A reply a model drafted.
    DraftId,
    /// One row of the inbound ledger.
    ImportId,
    InboundId,
    JobId,
    MessageId,
    NoticeId,
    OperationId,
    RuleId,
    SessionId,
    TagId,
    ViewId,
    VisitorId,
}
