//! The one company this server serves.

use std::collections::BTreeSet;

use domain::{
    Timestamp,
    business_hours::{BusinessHours, Week, WeekDocument},
    workspace::Workspace,
    zone::Day,
};
use rusqlite::{OptionalExtension, Row, named_params};

use crate::{Reader, Result, Tx, row};

/// The workspace; there is none before the set-up.
pub fn find(db: &Reader<'_>) -> Result<Option<Workspace>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM workspace")?;
    Ok(stmt.query_row([], from_row).optional()?)
}

pub fn put(tx: &Tx<'_>, it: &Workspace) -> Result<()> {
    let week = it.hours.week.as_ref().map(|it| row::to_json(&it.document())).transpose()?;
    let holidays: Vec<String> = it.hours.holidays.iter().map(Day::to_string).collect();
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO workspace (only_one, name, time_zone, locale, default_country,
             send_delay_seconds, signature, retention_days, business_hours, holidays,
             created_at, updated_at)
         VALUES (1, :name, :time_zone, :locale, :default_country,
             :send_delay_seconds, :signature, :retention_days, :business_hours, :holidays,
             :created_at, :updated_at)
         ON CONFLICT (only_one) DO UPDATE SET
             name = excluded.name, time_zone = excluded.time_zone, locale = excluded.locale,
             default_country = excluded.default_country,
             send_delay_seconds = excluded.send_delay_seconds, signature = excluded.signature,
             retention_days = excluded.retention_days,
             business_hours = excluded.business_hours, holidays = excluded.holidays,
             updated_at = excluded.updated_at",
    )?;
    stmt.execute(named_params! {
        ":name": it.name,
        ":time_zone": it.time_zone,
        ":locale": it.locale,
        ":default_country": it.default_country,
        ":send_delay_seconds": it.send_delay_seconds,
        ":signature": it.signature,
        ":retention_days": it.retention_days,
        ":business_hours": week,
        ":holidays": row::to_json(&holidays)?,
        ":created_at": it.created_at.0,
        ":updated_at": it.updated_at.0,
    })?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Workspace> {
    Ok(Workspace {
        name: row.get("name")?,
        time_zone: row.get("time_zone")?,
        locale: row.get("locale")?,
        default_country: row.get("default_country")?,
        send_delay_seconds: row.get("send_delay_seconds")?,
        signature: row.get("signature")?,
        retention_days: row.get("retention_days")?,
        hours: hours(row)?,
        created_at: Timestamp(row.get("created_at")?),
        updated_at: Timestamp(row.get("updated_at")?),
    })
}

fn hours(row: &Row<'_>) -> rusqlite::Result<BusinessHours> {
    let week: Option<WeekDocument> = row::optional_json(row, "business_hours")?;
    let week = week.map(|it| Week::parse(&it).map_err(|_| row::malformed("business_hours")));
    let holidays: Vec<String> = row::json(row, "holidays")?;
    let days = holidays.iter().map(|it| Day::parse(it).map_err(|_| row::malformed("holidays")));
    Ok(BusinessHours {
        week: week.transpose()?,
        holidays: days.collect::<Result<BTreeSet<_>, _>>()?,
    })
}
