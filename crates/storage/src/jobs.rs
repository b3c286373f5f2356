//! Durable work: put in by the transaction that needs it, leased by a worker, removed when done.

use domain::{
    Timestamp,
    ids::JobId,
    jobs::{Job, JobKind, JobState},
};
use rusqlite::{OptionalExtension, Row, params, params_from_iter, types::Value};
use uuid::Uuid;

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

pub fn put(tx: &Tx<'_>, job: &NewJob, now: Timestamp) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO jobs (id, kind, subject_id, payload, lane, state, run_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 'ready', ?6, ?7)
         ON CONFLICT (kind, subject_id) DO UPDATE SET
             payload = excluded.payload, lane = excluded.lane, state = 'ready',
             run_at = excluded.run_at, attempts = 0, leased_by = NULL, leased_until = NULL,
             last_error = NULL",
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
    tx.wake_jobs();
    Ok(())
}

pub fn find(db: &Reader<'_>, kind: JobKind, subject: Uuid) -> Result<Option<Job>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT * FROM jobs WHERE kind = ?1 AND subject_id = ?2")?;
    Ok(stmt.query_row(params![kind.as_str(), subject], from_row).optional()?)
}

/// Removes a job, done or no longer wanted. Returns whether there was one.
pub fn remove(tx: &Tx<'_>, kind: JobKind, subject: Uuid) -> Result<bool> {
    let mut stmt =
        tx.sql().prepare_cached("DELETE FROM jobs WHERE kind = ?1 AND subject_id = ?2")?;
    Ok(stmt.execute(params![kind.as_str(), subject])? > 0)
}

/// Leases at most `limit` due jobs of the given kinds, oldest due first, one for each lane and none
/// of a lane in `busy`. `owner` is this start of the server.
pub fn lease(
    tx: &Tx<'_>,
    kinds: &[JobKind],
    busy: &[String],
    owner: Uuid,
    now: Timestamp,
    until: Timestamp,
    limit: usize,
) -> Result<Vec<Job>> {
    let kind_words: Vec<Value> = kinds.iter().map(|it| it.as_str().to_owned().into()).collect();
    let sql = format!(
        "SELECT * FROM jobs WHERE state = 'ready' AND run_at <= ? AND kind IN ({})
         ORDER BY run_at LIMIT 1000",
        row::placeholders(&kind_words)
    );
    let bound = std::iter::once(Value::from(now.0)).chain(row::padded(&kind_words).cloned());
    let mut stmt = tx.sql().prepare_cached(&sql)?;
    let due = stmt.query_map(params_from_iter(bound), from_row)?;
    let mut leased: Vec<Job> = Vec::new();
    for job in due {
        let job = job?;
        let taken = busy.contains(&job.lane) || leased.iter().any(|it| it.lane == job.lane);
        if taken {
            continue;
        }
        tx.sql()
            .prepare_cached(
                "UPDATE jobs SET state = 'running', attempts = attempts + 1, leased_by = ?2,
                     leased_until = ?3 WHERE id = ?1",
            )?
            .execute(params![job.id.0, owner, until.0])?;
        leased.push(Job { attempts: job.attempts + 1, state: JobState::Running, ..job });
        if leased.len() == limit {
            break;
        }
    }
    Ok(leased)
}

/// Gives a job back to be tried again at `at`.
pub fn retry(tx: &Tx<'_>, id: JobId, at: Timestamp, error: Option<&str>) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE jobs SET state = 'ready', run_at = ?2, last_error = ?3, leased_by = NULL,
             leased_until = NULL WHERE id = ?1",
    )?;
    stmt.execute(params![id.0, at.0, error])?;
    tx.wake_jobs();
    Ok(())
}

/// Gives a job up, visibly.
pub fn bury(tx: &Tx<'_>, id: JobId, error: &str) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE jobs SET state = 'dead', last_error = ?2, leased_by = NULL, leased_until = NULL
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

/// Jobs still leased: by an earlier start of the server, or past their lease. One process serves a
/// database, so what another start leased is free at once.
pub fn orphans(db: &Reader<'_>, owner: Uuid, now: Timestamp) -> Result<Vec<Job>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT * FROM jobs WHERE state = 'running' AND (leased_by <> ?1 OR leased_until < ?2)",
    )?;
    let rows = stmt.query_map(params![owner, now.0], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// When the next ready job is due.
pub fn next_due(db: &Reader<'_>) -> Result<Option<Timestamp>> {
    let mut stmt = db.sql().prepare_cached("SELECT MIN(run_at) FROM jobs WHERE state = 'ready'")?;
    Ok(stmt.query_row([], |row| row.get::<_, Option<i64>>(0))?.map(Timestamp))
}

/// How many jobs there are of each kind and state, for operators.
pub fn summary(db: &Reader<'_>) -> Result<Vec<(JobKind, JobState, u64)>> {
    let mut stmt = db
        .sql()
        .prepare_cached("SELECT kind, state, COUNT(*) AS n FROM jobs GROUP BY kind, state")?;
    let rows = stmt.query_map([], |row| {
        Ok((row::parse(row, "kind")?, row::parse(row, "state")?, row.get("n")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Holds every job that can be noticed outside, after a restore.
pub fn hold_outside_facing(tx: &Tx<'_>) -> Result<u64> {
    change_outside_facing(tx, "held", "'ready', 'running'")
}

/// Lets held jobs run again, by an admin's word.
pub fn release_held(tx: &Tx<'_>) -> Result<u64> {
    let released = change_outside_facing(tx, "ready", "'held'")?;
    tx.wake_jobs();
    Ok(released)
}

fn change_outside_facing(tx: &Tx<'_>, to: &str, from: &str) -> Result<u64> {
    let kinds: Vec<String> =
        JobKind::ALL.iter().filter(|it| it.faces_outside()).map(|it| format!("'{it}'")).collect();
    let sql = format!(
        "UPDATE jobs SET state = '{to}', leased_by = NULL, leased_until = NULL
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
        last_error: row.get("last_error")?,
        created_at: Timestamp(row.get("created_at")?),
    })
}
