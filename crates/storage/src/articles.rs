//! Articles and the passages they are found by (FTS5: SQLite's own).

use domain::{
    Timestamp,
    articles::Article,
    ids::{AgentId, ArticleId},
};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::{Reader, Result, Tx, row, search::index::segmented};

pub fn insert(tx: &Tx<'_>, it: &Article, passages: &[String]) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO articles (id, title, format, content, created_by, created_at, updated_at)
             VALUES (:id, :title, :format, :content, :created_by, :created_at, :updated_at)",
        )?
        .execute(named_params! {
            ":id": it.id.0,
            ":title": it.title,
            ":format": it.format.as_str(),
            ":content": it.content,
            ":created_by": it.created_by.map(|it| it.0),
            ":created_at": it.created_at.0,
            ":updated_at": it.updated_at.0,
        })?;
    put_passages(tx, tx.sql().last_insert_rowid(), &it.title, passages)
}

pub fn update(tx: &Tx<'_>, it: &Article, passages: &[String]) -> Result<()> {
    let seq = tx
        .sql()
        .prepare_cached(
            "UPDATE articles SET title = :title, format = :format, content = :content,
                 updated_at = :updated_at
             WHERE id = :id RETURNING seq",
        )?
        .query_row(
            named_params! {
                ":id": it.id.0,
                ":title": it.title,
                ":format": it.format.as_str(),
                ":content": it.content,
                ":updated_at": it.updated_at.0,
            },
            |row| row.get(0),
        )?;
    delete_passages(tx, seq)?;
    put_passages(tx, seq, &it.title, passages)
}

pub fn delete(tx: &Tx<'_>, id: ArticleId) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached("SELECT seq FROM articles WHERE id = ?1")?;
    let Some(seq) = stmt.query_row([id.0], |row| row.get(0)).optional()? else { return Ok(()) };
    delete_passages(tx, seq)?;
    tx.sql().prepare_cached("DELETE FROM articles WHERE seq = ?1")?.execute([seq])?;
    Ok(())
}

fn put_passages(tx: &Tx<'_>, article: i64, title: &str, passages: &[String]) -> Result<()> {
    for text in passages {
        tx.sql()
            .prepare_cached("INSERT INTO passages (article_seq, text) VALUES (?1, ?2)")?
            .execute(params![article, text])?;
        tx.sql()
            .prepare_cached("INSERT INTO passages_fts (rowid, title, text) VALUES (?1, ?2, ?3)")?
            .execute(params![tx.sql().last_insert_rowid(), segmented(title), segmented(text)])?;
    }
    Ok(())
}

fn delete_passages(tx: &Tx<'_>, article: i64) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "DELETE FROM passages_fts WHERE rowid IN (SELECT seq FROM passages WHERE article_seq = ?1)",
        )?
        .execute([article])?;
    tx.sql().prepare_cached("DELETE FROM passages WHERE article_seq = ?1")?.execute([article])?;
    Ok(())
}

pub fn find(db: &Reader<'_>, id: ArticleId) -> Result<Option<Article>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM articles WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

/// By title, without their content.
pub fn list(db: &Reader<'_>) -> Result<Vec<Article>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT id, title, format, '' AS content, created_by, created_at, updated_at
         FROM articles ORDER BY title, seq",
    )?;
    Ok(stmt.query_map([], from_row)?.collect::<rusqlite::Result<_>>()?)
}

pub fn count(db: &Reader<'_>) -> Result<u64> {
    Ok(db.sql().query_row("SELECT COUNT(*) FROM articles", [], |row| row.get(0))?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Article> {
    Ok(Article {
        id: ArticleId(row.get("id")?),
        title: row.get("title")?,
        format: row::parse(row, "format")?,
        content: row.get("content")?,
        created_by: row.get::<_, Option<uuid::Uuid>>("created_by")?.map(AgentId),
        created_at: Timestamp(row.get("created_at")?),
        updated_at: Timestamp(row.get("updated_at")?),
    })
}
