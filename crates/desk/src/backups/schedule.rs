//! Backups the server writes by itself, and how many of them it keeps.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::Duration,
};

use domain::Timestamp;
use storage::Store;
use time::{PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description};

use super::{BackupError, Summary, archive, at};
use crate::clock::Clock;

/// After a failure, or the disk would be asked again and again.
const PAUSE_SECONDS: i64 = 600;

/// Names carry the time, so that they sort and a restart knows when the last one was.
const NAME: &[BorrowedFormatItem<'static>] =
    format_description!("deskbell-[year]-[month]-[day]T[hour]-[minute]-[second]Z.tar");

#[derive(Debug, Clone)]
pub struct Schedule {
    pub every: Duration,
    /// Older ones are deleted. Files with other names are nobody's business here.
    pub keep: usize,
    pub folder: PathBuf,
}

impl Schedule {
    /// When the next backup is due: at once when there is none.
    pub fn next(&self, now: Timestamp) -> io::Result<Timestamp> {
        let every = i64::try_from(self.every.as_millis()).unwrap_or(i64::MAX);
        let last = self.written()?.last().map(|(time, _)| *time);
        // One from the future (the clock was set back) must not put the next one off.
        Ok(last.map_or(now, |it| it.min(now).plus_millis(every)))
    }

    /// Writes one backup and deletes those beyond `keep`. Blocks.
    pub fn run(&self, store: &Store, data: &Path, now: Timestamp) -> Result<Summary, BackupError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&self.folder).map_err(at(&self.folder))?;
        let name = now
            .to_offset_date_time()
            .format(NAME)
            .map_err(|it| at(&self.folder)(io::Error::other(it)))?;
        let summary = archive::write(store, data, &self.folder.join(name), now)?;
        let written = self.written().map_err(at(&self.folder))?;
        let too_many = written.len().saturating_sub(self.keep.max(1));
        for (_, path) in written.into_iter().take(too_many) {
            fs::remove_file(&path).map_err(at(path))?;
        }
        Ok(summary)
    }

    /// Oldest first.
    fn written(&self) -> io::Result<Vec<(Timestamp, PathBuf)>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let time = name.to_str().and_then(|it| PrimitiveDateTime::parse(it, NAME).ok());
            if let Some(time) = time {
                let millis = time.assume_utc().unix_timestamp().saturating_mul(1_000);
                found.push((Timestamp(millis), entry.path()));
            }
        }
        found.sort();
        Ok(found)
    }
}

/// Writes backups for as long as the server runs. A failure or a panic is logged and tried again.
pub async fn keep_writing(store: Store, data: PathBuf, schedule: Schedule, clock: Clock) {
    let mut not_before = clock.now();
    loop {
        let next = schedule.next(clock.now()).unwrap_or_else(|error| {
            tracing::warn!(%error, "The folder of backups cannot be read");
            clock.now()
        });
        clock.wait_until(next.max(not_before)).await;
        let now = clock.now();
        let work = {
            let (store, data, schedule) = (store.clone(), data.clone(), schedule.clone());
            tokio::task::spawn_blocking(move || schedule.run(&store, &data, now))
        };
        match work.await {
            Ok(Ok(it)) => tracing::info!(
                bytes = it.bytes,
                missing_files = it.manifest.missing_files.len(),
                "Wrote a backup"
            ),
            Ok(Err(error)) => tracing::error!(%error, "A backup could not be written"),
            Err(error) => tracing::error!(%error, "Writing a backup panicked"),
        }
        // The next one follows from the names in the folder, but never at once.
        not_before = now.plus_seconds(PAUSE_SECONDS.min(schedule.every.as_secs().cast_signed()));
    }
}
