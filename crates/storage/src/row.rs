//! Reading columns that hold more than SQLite's own types, and the few shapes of bound lists.

use std::{error::Error, str::FromStr};

use domain::Timestamp;
use rusqlite::{
    Row,
    types::{FromSql, Type},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Result, StoreError};

/// A TEXT column through the type's own words.
pub(crate) fn parse<T>(row: &Row<'_>, column: &str) -> rusqlite::Result<T>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    let index = row.as_ref().column_index(column)?;
    let text = row.get_ref(index)?.as_str()?;
    text.parse().map_err(|error| unreadable(index, error))
}

/// A TEXT column that may be NULL.
pub(crate) fn parse_optional<T>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    let index = row.as_ref().column_index(column)?;
    let Some(text) = row.get_ref(index)?.as_str_or_null()? else { return Ok(None) };
    text.parse().map(Some).map_err(|error| unreadable(index, error))
}

/// A TEXT column that holds JSON.
pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let index = row.as_ref().column_index(column)?;
    let text = row.get_ref(index)?.as_str()?;
    serde_json::from_str(text).map_err(|error| unreadable(index, error))
}

/// A TEXT column that holds JSON, or NULL.
pub(crate) fn optional_json<T: DeserializeOwned>(
    row: &Row<'_>,
    column: &str,
) -> rusqlite::Result<Option<T>> {
    let index = row.as_ref().column_index(column)?;
    let Some(text) = row.get_ref(index)?.as_str_or_null()? else { return Ok(None) };
    serde_json::from_str(text).map(Some).map_err(|error| unreadable(index, error))
}

/// What a column says that is not what we write there.
pub(crate) fn malformed(column: &str) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(0, column.to_owned(), Type::Text)
}

/// A nullable column of milliseconds UTC.
pub(crate) fn instant(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp))
}

/// Columns read one after another, in the order their statement names them. For the rows of lists:
/// looking each value up by its name took a quarter of the time of a page.
pub(crate) struct InOrder<'a, 'stmt> {
    row: &'a Row<'stmt>,
    next: usize,
}

impl<'a, 'stmt> InOrder<'a, 'stmt> {
    pub(crate) fn new(row: &'a Row<'stmt>) -> Self {
        Self { row, next: 0 }
    }

    pub(crate) fn get<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        let index = self.step();
        self.row.get(index)
    }

    /// Through the type's own words.
    pub(crate) fn parse<T>(&mut self) -> rusqlite::Result<T>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        let index = self.step();
        let text = self.row.get_ref(index)?.as_str()?;
        text.parse().map_err(|error| unreadable(index, error))
    }

    pub(crate) fn parse_optional<T>(&mut self) -> rusqlite::Result<Option<T>>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        let index = self.step();
        let Some(text) = self.row.get_ref(index)?.as_str_or_null()? else { return Ok(None) };
        text.parse().map(Some).map_err(|error| unreadable(index, error))
    }

    pub(crate) fn instant(&mut self) -> rusqlite::Result<Option<Timestamp>> {
        Ok(self.get::<Option<i64>>()?.map(Timestamp))
    }

    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> rusqlite::Result<T> {
        let index = self.step();
        let text = self.row.get_ref(index)?.as_str()?;
        serde_json::from_str(text).map_err(|error| unreadable(index, error))
    }

    fn step(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }
}

/// A document as it is stored.
pub(crate) fn to_json<T: Serialize>(it: &T) -> Result<String> {
    serde_json::to_string(it).map_err(unwritable)
}

/// A value that cannot be stored, which is a defect of ours.
pub(crate) fn unwritable(error: impl Error + Send + Sync + 'static) -> StoreError {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error)).into()
}

/// How many values a bound list is filled up to, so that few distinct statements exist.
fn list_size(len: usize) -> usize {
    match len {
        0..=1 => 1,
        2..=26 => 26,
        27..=101 => 101,
        _ => len.next_power_of_two(),
    }
}

/// `?,?,…` for `IN (…)` over `items`, to be bound with [`padded`].
pub(crate) fn placeholders<T>(items: &[T]) -> String {
    vec!["?"; list_size(items.len())].join(",")
}

/// `items` with the last one repeated to the length [`placeholders`] has.
pub(crate) fn padded<T>(items: &[T]) -> impl Iterator<Item = &T> {
    let missing = list_size(items.len()) - items.len();
    items.iter().chain(items.last().into_iter().cycle().take(missing))
}

fn unreadable(index: usize, error: impl Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(error))
}
