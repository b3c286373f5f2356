//! A customer: one person with many addresses, phones and channel identities.

use std::collections::BTreeMap;

use crate::{Timestamp, addresses::EmailAddress, ids::ContactId, phones::PhoneNumber};

#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    pub id: ContactId,
    pub name: Option<String>,
    /// All addresses, the main one first.
    pub emails: Vec<EmailAddress>,
    /// All numbers, the main one first.
    pub phones: Vec<PhoneNumber>,
    /// Identities at providers: `whatsapp`, `sms`, `telegram_chat_id`, `viber`, `facebook`, `instagram`.
    pub external_ids: BTreeMap<String, String>,
    pub tags: Vec<String>,
    pub notes: Option<String>,
    pub attributes: serde_json::Map<String, serde_json::Value>,
    /// A blocked contact's messages are kept in the ledger and go no further.
    pub blocked: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Contact {
    /// A person we know nothing of yet.
    pub fn new(id: ContactId, now: Timestamp) -> Self {
        Self {
            id,
            name: None,
            emails: Vec::new(),
            phones: Vec::new(),
            external_ids: BTreeMap::new(),
            tags: Vec::new(),
            notes: None,
            attributes: serde_json::Map::new(),
            blocked: false,
            created_at: now,
            updated_at: now,
        }
    }

    /// A contact nobody could recognise or reach is not one.
    pub fn is_identified(&self) -> bool {
        self.name.is_some()
            || !self.emails.is_empty()
            || !self.phones.is_empty()
            || !self.external_ids.is_empty()
    }
}

/// What a conversation shows of its contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactSummary {
    pub id: ContactId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
}
