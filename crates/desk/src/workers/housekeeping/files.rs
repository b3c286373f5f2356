//! Files that nothing refers to any more, or that never got a row.

use std::time::{Duration, SystemTime};

use domain::Timestamp;
use storage::{
    FileHash, StoreError, attachments,
    meta::{self, Moment},
};

use super::DAY;
use crate::{Desk, DeskError, Result};

/// Files in one transaction: removing one may touch the disk.
const FILES: u32 = 50;
/// Bytes put this recently may be about to get a row.
const JUST_PUT: Duration = Duration::from_secs(3600);
/// What had no row after this time was left by a crash between the bytes and the row.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// Removes the bytes of files nothing has referred to since `before`.
///
/// This happens in the writer's turn, where nobody can refer to the file again meanwhile; and bytes
/// that were put again lately stay, since the row that will refer to them is yet to come.
pub(super) async fn remove_unreferenced(desk: &Desk, before: Timestamp) -> Result<()> {
    loop {
        let files = desk.store.files().clone();
        let removed = desk
            .store
            .write(move |tx| {
                let put_before = SystemTime::now() - JUST_PUT;
                let mut removed = 0;
                for name in attachments::unreferenced(tx, before, FILES)? {
                    let Ok(hash) = name.parse() else { continue };
                    if files.delete_older(hash, put_before)? {
                        attachments::forget_file(tx, &name)?;
                        removed += 1;
                    }
                }
                Ok::<_, StoreError>(removed)
            })
            .await?;
        if removed < FILES {
            return Ok(());
        }
    }
}

/// Once a day, looks for files that no row knows.
pub(super) async fn sweep_if_due(desk: &Desk, now: Timestamp) -> Result<()> {
    let due = desk.store.read(|db| meta::moment(db, Moment::SweepFiles)).await?;
    if due.is_some_and(|it| it > now) {
        return Ok(());
    }
    for first in 0..=u8::MAX {
        for abandoned in abandoned(desk, first).await?.chunks(FILES as usize) {
            remove_unknown(desk, abandoned.to_vec()).await?;
        }
    }
    let next = now.plus_seconds(DAY);
    desk.store.write(move |tx| meta::set_moment(tx, Moment::SweepFiles, Some(next))).await?;
    Ok(())
}

/// Files of one part of the folder that are old and that no row knows.
async fn abandoned(desk: &Desk, first: u8) -> Result<Vec<FileHash>> {
    let files = desk.store.files().clone();
    let old = tokio::task::spawn_blocking(move || {
        let put_before = SystemTime::now() - ABANDONED;
        let mut listed = files.list_part(first)?;
        listed.retain(|(_, _, put)| *put < put_before);
        Ok::<_, std::io::Error>(listed)
    });
    let failed = |error: &dyn std::fmt::Display| {
        DeskError::Internal(format!("the folder of files cannot be read: {error}"))
    };
    let old = old.await.map_err(|it| failed(&it))?.map_err(|it| failed(&it))?;
    if old.is_empty() {
        return Ok(Vec::new());
    }
    desk.store
        .read(move |db| {
            let mut unknown = Vec::new();
            for (hash, ..) in old {
                if !attachments::knows_file(db, &hash.to_string())? {
                    unknown.push(hash);
                }
            }
            Ok(unknown)
        })
        .await
}

/// In the writer's turn nobody can give a file a row between the look and the removal; and one that
/// was put again since has a new time and stays. No backup lists a file that never had a row.
async fn remove_unknown(desk: &Desk, abandoned: Vec<FileHash>) -> Result<()> {
    let files = desk.store.files().clone();
    let removed = desk
        .store
        .write(move |tx| {
            let put_before = SystemTime::now() - ABANDONED;
            let mut removed = 0_u32;
            for hash in abandoned {
                let known = attachments::knows_file(tx, &hash.to_string())?;
                if !known && files.delete_older(hash, put_before)? {
                    removed += 1;
                }
            }
            Ok::<_, StoreError>(removed)
        })
        .await?;
    if removed > 0 {
        tracing::info!(files = removed, "Removed files that an interrupted write had left");
    }
    Ok(())
}
