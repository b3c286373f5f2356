//! Room on the disk: what brings in much stops before there is none, so that replies, deletions and
//! the database's own work still find some.

use storage::{Files, StoreError};

use crate::{Result, attachments::upload::blocking};

/// Bytes that mail coming in leaves free. It waits on its server meanwhile.
pub(crate) const BESIDE_MAIL: u64 = 64 << 20;
/// Bytes that uploads leave free: people see that theirs was refused, and mail needs the room more.
pub(crate) const BESIDE_UPLOADS: u64 = 128 << 20;

/// Whether these bytes fit and leave `beside` free.
pub(crate) async fn is_there(files: &Files, bytes: u64, beside: u64) -> Result<bool> {
    let files = files.clone();
    // A file system may take its time to answer.
    blocking(move || {
        let (free, _) = storage::space(files.folder()).map_err(StoreError::from)?;
        Ok(free >= beside.saturating_add(bytes))
    })
    .await
}
