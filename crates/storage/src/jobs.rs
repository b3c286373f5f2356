//! Durable work: put in by the transaction that needs it, leased by a worker, removed when done.

mod alarm;

use std::collections::HashSet;

use domain::{
    Timestamp,
    ids::JobId,
    jobs::{Job, JobKind, JobState},
};
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

pub use self::alarm::Alarm;
use crate::{Reader, Result, Tx, row};

/// A job to be done at `run_at`.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub kind: JobKind,
    /// There is at most one job of a kind about one thing: a second put replaces the first.
    pub subject: Uuid,
    pub payload: serde_json::Value,
    pub lane: String,
    pub run_at: Timestamp,
}

/// Puts a job in, in place of an earlier one about the same thing. That one may be running: it then
/// ends without touching the new one, whose id is another.
pub fn put(tx: &Tx<'_>, job: &NewJob, now: Timestamp) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO jobs (id, kind, subject_id, payload, lane, state, run_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 'ready', ?6, ?7)
         ON CONFLICT (kind, subject_id) DO UPDATE SET
             id = excluded.id, payload = excluded.payload, lane = excluded.lane, state = 'ready',
             run_at = excluded.run_at, attempts = 0, crashes = 0, leased_by = NULL,
             last_error = NULL, created_at = excluded.created_at",
    )?;
    stmt.execute(params![
        JobId::new().0,
        job.kind.as_str(),
        job.subject,
        row::to_json(&job.payload)?,
        job.lane,
        job.run_at.0,
        now.0
    ])?;
    tx.wake_jobs(job.run_at);
    Ok(())
}

pub fn find(db: &Reader<'_>, kind: JobKind, subject: Uuid) -> Result<Option<Job>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT * FROM jobs WHERE kind = ?1 AND subject_id = ?2")?;
    Ok(stmt.query_row(params![kind.as_str(), subject], from_row).optional()?)
}

pub fn of_kind(db: &Reader<'_>, kind: JobKind) -> Result<Vec<Job>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM jobs WHERE kind = ?1")?;
    Ok(stmt.query_map([kind.as_str()], from_row)?.collect::<rusqlite::Result<_>>()?)
}

pub fn set_payload(tx: &Tx<'_>, id: JobId, payload: &serde_json::Value) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached("UPDATE jobs SET payload = ?2 WHERE id = ?1")?;
    stmt.execute(params![id.0, row::to_json(payload)?])?;
    Ok(())
}

/// Removes a job, done or no longer wanted. Returns whether there was one.
pub fn remove(tx: &Tx<'_>, kind: JobKind, subject: Uuid) -> Result<bool> {
    let mut stmt =
        tx.sql().prepare_cached("DELETE FROM jobs WHERE kind = ?1 AND subject_id = ?2")?;
    Ok(stmt.execute(params![kind.as_str(), subject])? > 0)
}

/// The first ready job of a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    pub kind: JobKind,
    pub lane: String,
    pub run_at: Timestamp,
}

/// The first ready job of each lane with jobs of the given kinds. Found by key, lane after lane, so
/// that a long queue in one lane costs the others nothing.
pub fn firsts(db: &Reader<'_>, kinds: &[JobKind]) -> Result<Vec<First>> {
    let mut stmt = db.sql().prepare_cached(
        "WITH RECURSIVE lanes (lane) AS (
             SELECT MIN(lane) FROM jobs WHERE state = 'ready' AND kind = ?1
             UNION ALL
             SELECT (
                 SELECT MIN(lane) FROM jobs
                 WHERE state = 'ready' AND kind = ?1 AND lane > lanes.lane
             ) FROM lanes WHERE lane IS NOT NULL
         )
         SELECT lane, (
             SELECT MIN(run_at) FROM jobs
             WHERE state = 'ready' AND kind = ?1 AND lane = lanes.lane
         ) AS run_at FROM lanes WHERE lane IS NOT NULL",
    )?;
    let mut firsts = Vec::new();
    for &kind in kinds {
        let rows = stmt.query_map([kind.as_str()], |row| {
            Ok(First { kind, lane: row.get("lane")?, run_at: Timestamp(row.get("run_at")?) })
        })?;
        for first in rows {
            firsts.push(first?);
        }
    }
    Ok(firsts)
}

/// Leases at most `limit` due jobs of the given kinds, longest due first, one for each lane and none
/// of a lane in `busy`. `owner` is this start of the server.
pub fn lease(
    tx: &Tx<'_>,
    kinds: &[JobKind],
    busy: &HashSet<String>,
    owner: Uuid,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Job>> {
    let mut due = firsts(tx, kinds)?;
    due.retain(|it| it.run_at <= now && !busy.contains(&it.lane));
    due.sort_by_key(|it| it.run_at);
    let mut lanes = HashSet::new();
    due.retain(|it| lanes.insert(it.lane.clone()));
    due.truncate(limit);
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE jobs SET state = 'running', attempts = attempts + 1, leased_by = ?3
         WHERE id = (
             SELECT id FROM jobs WHERE state = 'ready' AND kind = ?1 AND lane = ?2
             ORDER BY run_at LIMIT 1
         ) RETURNING *",
    )?;
    let mut leased = Vec::with_capacity(due.len());
    for first in due {
        let bound = params![first.kind.as_str(), first.lane, owner];
        leased.push(stmt.query_row(bound, from_row)?);
    }
    Ok(leased)
}

/// What a lane's failed jobs wait in: beside it, so that they never stand before new ones.
const AGAIN: &str = " again";

/// Gives a job back to be tried again at `at`.
pub fn retry(tx: &Tx<'_>, id: JobId, at: Timestamp, error: Option<&str>) -> Result<()> {
    give_back(tx, id, at, error, 0)
}

/// Gives a job back whose attempt ended in a panic or with the whole server.
pub fn crashed(tx: &Tx<'_>, id: JobId, at: Timestamp, error: &str) -> Result<()> {
    give_back(tx, id, at, Some(error), 1)
}

fn give_back(
    tx: &Tx<'_>,
    id: JobId,
    at: Timestamp,
    error: Option<&str>,
    crashes: u32,
) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE jobs SET state = 'ready', run_at = ?2, last_error = ?3, crashes = crashes + ?4,
             lane = CASE WHEN lane LIKE '%' || ?5 THEN lane ELSE lane || ?5 END,
             leased_by = NULL
         WHERE id = ?1",
    )?;
    stmt.execute(params![id.0, at.0, error, crashes, AGAIN])?;
    tx.wake_jobs(at);
    Ok(())
}

/// Gives a job back that could not be begun yet: as if it had not been leased.
pub fn postpone(tx: &Tx<'_>, id: JobId, at: Timestamp, reason: &str) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE jobs SET state = 'ready', run_at = ?2, last_error = ?3, attempts = attempts - 1,
             leased_by = NULL
         WHERE id = ?1 AND state = 'running'",
    )?;
    stmt.execute(params![id.0, at.0, reason])?;
    tx.wake_jobs(at);
    Ok(())
}

/// Changes what is known of a job, such as how far it is.
pub fn note(tx: &Tx<'_>, id: JobId, payload: &serde_json::Value) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached("UPDATE jobs SET payload = ?2 WHERE id = ?1")?;
    stmt.execute(params![id.0, row::to_json(payload)?])?;
    Ok(())
}

/// Gives a job up, visibly.
pub fn bury(tx: &Tx<'_>, id: JobId, error: &str) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE jobs SET state = 'dead', last_error = ?2, leased_by = NULL
         WHERE id = ?1",
    )?;
    stmt.execute(params![id.0, error])?;
    Ok(())
}

/// Removes a finished job by its id.
pub fn finish(tx: &Tx<'_>, id: JobId) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM jobs WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}

/// Jobs leased by an earlier start of the server. One process serves a database, so they are free at
/// once, whatever the time.
pub fn orphans(db: &Reader<'_>, owner: Uuid) -> Result<Vec<Job>> {
    let mut stmt = db
        .sql()
        .prepare_cached("SELECT * FROM jobs WHERE state = 'running' AND leased_by <> ?1")?;
    let rows = stmt.query_map([owner], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Gives back all jobs of an owner that stops in good order, as if they had not been leased.
pub fn release_leases(tx: &Tx<'_>, owner: Uuid) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE jobs SET state = 'ready', attempts = attempts - 1, leased_by = NULL
         WHERE state = 'running' AND leased_by = ?1",
    )?;
    stmt.execute([owner])?;
    Ok(())
}

/// How many jobs of a lane wait, run or are held, with those that wait to be tried again.
pub fn count_in_lane(db: &Reader<'_>, kind: JobKind, lane: &str) -> Result<u64> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT COUNT(*) FROM jobs WHERE state IN ('ready', 'running', 'held') AND kind = ?1
         AND lane IN (?2, ?2 || ?3)",
    )?;
    Ok(stmt.query_row(params![kind.as_str(), lane, AGAIN], |row| row.get(0))?)
}

/// How many jobs there are of each kind and state, for operators.
pub fn summary(db: &Reader<'_>) -> Result<Vec<(JobKind, JobState, u64)>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT kind, state, COUNT(*) AS n FROM jobs GROUP BY kind, state ORDER BY kind, state",
    )?;
    let rows = stmt.query_map([], |row| {
        Ok((row::parse(row, "kind")?, row::parse(row, "state")?, row.get("n")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Holds every job that can be noticed outside, after a restore.
pub fn hold_outside_facing(tx: &Tx<'_>) -> Result<u64> {
    change_outside_facing(tx, "held", "'ready', 'running'")
}

/// Holds one job until an admin releases all of them.
pub fn hold(tx: &Tx<'_>, kind: JobKind, subject: Uuid) -> Result<()> {
    tx.sql()
        .prepare_cached("UPDATE jobs SET state = 'held' WHERE kind = ?1 AND subject_id = ?2")?
        .execute(params![kind.as_str(), subject])?;
    Ok(())
}

/// Lets held jobs run again, by an admin's word.
pub fn release_held(tx: &Tx<'_>) -> Result<u64> {
    let released = change_outside_facing(tx, "ready", "'held'")?;
    tx.wake_jobs(Timestamp(0));
    Ok(released)
}

fn change_outside_facing(tx: &Tx<'_>, to: &str, from: &str) -> Result<u64> {
    let kinds: Vec<String> =
        JobKind::ALL.iter().filter(|it| it.faces_outside()).map(|it| format!("'{it}'")).collect();
    let sql = format!(
        "UPDATE jobs SET state = '{to}', leased_by = NULL
         WHERE state IN ({from}) AND kind IN ({})",
        kinds.join(", ")
    );
    Ok(tx.sql().execute(&sql, [])? as u64)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Job> {
    Ok(Job {
        id: JobId(row.get("id")?),
        kind: row::parse(row, "kind")?,
        subject: row.get("subject_id")?,
        payload: row::json(row, "payload")?,
        lane: row.get("lane")?,
        state: row::parse(row, "state")?,
        run_at: Timestamp(row.get("run_at")?),
        attempts: row.get("attempts")?,
        crashes: row.get("crashes")?,
        last_error: row.get("last_error")?,
        created_at: Timestamp(row.get("created_at")?),
    })
}
