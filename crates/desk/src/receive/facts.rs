//! What has to be known of the desk before a mail can be judged.

use connectors::email::classify::Own;
use domain::{
    addresses::EmailAddress,
    channels::Channel,
    ids::InboundId,
    mails::{Fate, Inbound},
};
use storage::{inbound, messages};

use crate::{Desk, Keys, Result, channels, threading};

/// The row, unless somebody settled or removed it meanwhile.
pub(super) async fn pending(desk: &Desk, id: InboundId) -> Result<Option<(Inbound, Channel)>> {
    desk.store
        .read(move |db| {
            let Some(row) = inbound::find(db, id)?.filter(|it| it.fate == Fate::Pending) else {
                return Ok(None);
            };
            Ok(storage::channels::find(db, row.channel_id)?.map(|channel| (row, channel)))
        })
        .await
}

/// What is ours.
pub(super) struct OurOwn {
    pub addresses: Vec<EmailAddress>,
    /// Whether the mail's Message-ID is one we gave.
    message_is_ours: bool,
}

pub(super) async fn own(desk: &Desk, message_id: Option<String>) -> Result<OurOwn> {
    desk.store
        .read(move |db| {
            let message_is_ours = match message_id {
                Some(id) => messages::is_ours(db, &id)?,
                None => false,
            };
            Ok(OurOwn { addresses: channels::addresses(db)?, message_is_ours })
        })
        .await
}

impl OurOwn {
    /// Calls `judge` with what classification asks.
    pub fn judge<T>(&self, keys: &Keys, judge: impl FnOnce(&Own<'_>) -> T) -> T {
        judge(&Own {
            addresses: &self.addresses,
            is_our_loop: &|it| threading::is_our_loop(keys, it),
            // It is only ever asked about the mail's own Message-ID.
            is_our_message: &|_| self.message_is_ours,
        })
    }
}
