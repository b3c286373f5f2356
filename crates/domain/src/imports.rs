//! Contacts taken in from a file: what was asked for, and how far it has come.

mod columns;

use crate::{
    Timestamp,
    ids::{AgentId, ContactId, ImportId},
};

pub use columns::{Column, Field, UnknownField, detect};

crate::words!(ImportStatus, "status of an import", {
    Queued => "queued",
    Running => "running",
    Done => "done",
    /// It stopped before its end; what it took in stays.
    Failed => "failed",
    Cancelled => "cancelled",
});

impl ImportStatus {
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

crate::words!(
    /// What happens to a row whose address, phone or id somebody has already.
    Duplicates, "way with duplicates", {
        Skip => "skip",
        Update => "update",
    }
);

crate::words!(
    /// What became of a row.
    Fate, "result", {
        Created => "created",
        Updated => "updated",
        Skipped => "skipped",
        Failed => "failed",
    }
);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// 0 until stored.
    pub seq: i64,
    pub id: ImportId,
    pub status: ImportStatus,
    /// It tells what would become of each row, and changes nothing.
    pub dry_run: bool,
    pub duplicates: Duplicates,
    /// What its sender called the file.
    pub name: Option<String>,
    /// The stored file; none once nobody needs it any more.
    pub file: Option<String>,
    pub columns: Vec<Column>,
    /// Rows of the file.
    pub total: u64,
    pub tally: Tally,
    /// Where the next row begins in the stored file, in bytes.
    pub next_byte: u64,
    /// Why it failed.
    pub error: Option<String>,
    pub author: AgentId,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

impl Import {
    /// Ends it. The file of one that did all it should is of no more use.
    pub fn end(&mut self, status: ImportStatus, now: Timestamp) {
        self.status = status;
        self.finished_at = Some(now);
    }

    /// Whether the file may be wanted again: to take in what was tried, or what was left.
    pub fn may_start_again(&self) -> bool {
        self.dry_run || self.status != ImportStatus::Done
    }
}

/// How many rows have come to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub created: u64,
    pub updated: u64,
    pub skipped: u64,
    pub failed: u64,
}

impl Tally {
    pub fn done(&self) -> u64 {
        self.created + self.updated + self.skipped + self.failed
    }

    pub fn of(&self, fate: Fate) -> u64 {
        match fate {
            Fate::Created => self.created,
            Fate::Updated => self.updated,
            Fate::Skipped => self.skipped,
            Fate::Failed => self.failed,
        }
    }

    pub fn count(&mut self, fate: Fate) {
        match fate {
            Fate::Created => self.created += 1,
            Fate::Updated => self.updated += 1,
            Fate::Skipped => self.skipped += 1,
            Fate::Failed => self.failed += 1,
        }
    }
}

/// What became of a row; nothing that stood in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// From 1, without the header.
    pub number: u64,
    /// Where it begins in the file as it was sent, from 1.
    pub line: u64,
    pub fate: Fate,
    pub contact: Option<ContactId>,
    /// Why it was skipped or failed.
    pub reason: Option<String>,
}
