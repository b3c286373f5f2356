//! The one company this server serves, and its settings.

use crate::{Timestamp, business_hours::BusinessHours, zone::Zone};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub name: String,
    /// IANA name, e.g. `Asia/Jakarta`.
    pub time_zone: String,
    /// BCP 47, e.g. `en` or `id`.
    pub locale: String,
    /// ISO 3166 alpha-2, for phone numbers written without a country code.
    pub default_country: Option<String>,
    /// How long a reply waits so that it can be taken back, 0 to 120.
    pub send_delay_seconds: u32,
    /// Under every outgoing mail, unless its channel has its own.
    pub signature: Option<String>,
    /// Resolved conversations older than this are deleted; none keeps them for ever.
    pub retention_days: Option<u32>,
    /// When the desk is open, by the clock of `time_zone`.
    pub hours: BusinessHours,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Workspace {
    pub const MAX_SEND_DELAY_SECONDS: u32 = 120;

    pub fn new(name: String, now: Timestamp) -> Self {
        Self {
            name,
            time_zone: "UTC".to_owned(),
            locale: "en".to_owned(),
            default_country: None,
            send_delay_seconds: 5,
            signature: None,
            retention_days: None,
            hours: BusinessHours::default(),
            created_at: now,
            updated_at: now,
        }
    }

    /// The zone of `time_zone`, which was checked when it was set.
    pub fn zone(&self) -> Zone {
        Zone::parse(&self.time_zone).unwrap_or_else(|_| Zone::utc())
    }
}
