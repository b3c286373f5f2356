//! Upgrades: from every landed schema, with a copy first, and never back.

use std::{collections::BTreeMap, fs, process::Command, time::SystemTime};

use rusqlite::Connection;

use super::*;
use crate::{
    automations, channels, connections, contacts, conversations, error::OpenError, failpoints,
    messages, migrate, workspace,
};

/// What programs of those schemas wrote, each on top of the one before.
const ROWS: [(i32, &str); 5] = [
    (1, include_str!("upgrades/V0001.sql")),
    (2, include_str!("upgrades/V0002.sql")),
    (5, include_str!("upgrades/V0005.sql")),
    (9, include_str!("upgrades/V0009.sql")),
    (10, include_str!("upgrades/V0010.sql")),
];

/// A closed database that an older program left.
fn old(version: i32) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("deskbell.db");
    crate::opening::create_at(&database, version).unwrap();
    folder
}

#[test]
fn every_landed_schema_migrates() {
    let versions = migrate::versions();
    for version in [0].into_iter().chain(versions.clone()) {
        let folder = old(version);
        let store = Store::open(Options::new(folder.path())).unwrap();
        let found =
            store.read_blocking::<i32, StoreError>(|db| Ok(migrate::current(db.sql())?)).unwrap();
        assert_eq!(found, migrate::latest());
        assert!(store.integrity(true).unwrap().is_empty());
        store.close_blocking();
        let next = versions.iter().find(|it| **it > version);
        let copy = next.map(|it| folder.path().join(format!("deskbell.db.before-V{it:04}")));
        if let Some(copy) = copy {
            let copy = crate::connections::open_reader(&copy).unwrap();
            assert_eq!(migrate::current(&copy).unwrap(), version, "as it was before");
        }
    }
}

#[test]
fn every_upgrade_keeps_the_rows_that_are_there() {
    for (filled, _) in ROWS {
        let folder = old(1);
        let mut database = connections::open_writer(&folder.path().join("deskbell.db")).unwrap();
        for (version, rows) in ROWS.iter().filter(|(it, _)| *it <= filled) {
            migrate::to(&mut database, *version).unwrap();
            database.execute_batch(rows).unwrap();
        }
        let before = row_counts(&database);
        assert!(filled != 1 || before.values().all(|it| *it > 0), "{before:?}");
        database.close().unwrap();

        let store = Store::open(Options::new(folder.path())).unwrap();
        let after = store.read_blocking::<_, StoreError>(|db| Ok(row_counts(db.sql()))).unwrap();
        for (table, count) in before {
            assert_eq!(after.get(&table), Some(&count), "{table}, filled at {filled}");
        }
        assert!(store.integrity(true).unwrap().is_empty());
        store.read_blocking(todays_program_reads_them).unwrap();
        let rules = store.read_blocking(automations::all).unwrap();
        assert_eq!(rules.len(), usize::from(filled >= 10), "filled at {filled}");
        store.close_blocking();
    }
}

/// Rows of each table but those of the search index and the history of the schema.
fn row_counts(database: &Connection) -> BTreeMap<String, i64> {
    let mut tables = database
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%\\_fts%' ESCAPE '\\'
             AND name <> 'refinery_schema_history'",
        )
        .unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let count = |table: &str| {
        let sql = format!("SELECT count(*) FROM {table}");
        database.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    tables.map(|table| table.unwrap()).map(|table| (table.clone(), count(&table))).collect()
}

fn todays_program_reads_them(db: &crate::Reader<'_>) -> Result<()> {
    use domain::ids::{ChannelId, ContactId, ConversationId, MessageId};
    let id = |number: u128| uuid::Uuid::from_u128(number);
    assert_eq!(workspace::find(db)?.unwrap().name, "Example");
    assert!(channels::find(db, ChannelId(id(0xc01)))?.is_some());
    assert!(contacts::find(db, ContactId(id(0xd01)))?.is_some());
    let conversation = conversations::find(db, ConversationId(id(0xe01)))?.unwrap();
    assert_eq!(conversation.subject.as_deref(), Some("Where is my order?"));
    let message = messages::find(db, MessageId(id(0x1001)))?.unwrap();
    assert_eq!(message.text, "Where is it?");
    Ok(())
}

#[test]
fn what_events_told_before_is_in_the_audit_trail() {
    let folder = old(14);
    let database = crate::connections::open_writer(&folder.path().join("deskbell.db")).unwrap();
    database
        .execute_batch(
            r#"INSERT INTO events (kind, actor_type, payload, created_at) VALUES
                ('agent_changed', 'system', '{"kind":"agent_changed",
                  "agent_id":"019a0000-0000-7000-8000-000000000000","fields":["role"]}', 5),
                ('contact_created', 'system', '{"kind":"contact_created",
                  "contact_id":"019a0000-0000-7000-8000-000000000001"}', 6),
                ('sign_in_failed', 'system', '{"kind":"sign_in_failed"}', 7);"#,
        )
        .unwrap();
    database.close().unwrap();
    let store = Store::open(Options::new(folder.path())).unwrap();
    let filter = crate::audit::Filter::default();
    let (found, _) =
        store.read_blocking(move |db| crate::audit::page(db, &filter, None, 0, 10)).unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|it| (it.action.as_str(), it.object.kind.as_str(), it.object.id, it.details.len()))
        .collect();
    let agent = "019a0000-0000-7000-8000-000000000000".parse().unwrap();
    let want = [("sign_in_failed", "agent", None, 0), ("agent_changed", "agent", Some(agent), 1)];
    assert_eq!(told, want);
    let changed = store.write_blocking::<(), StoreError>(|tx| {
        tx.sql().execute("UPDATE audit_log SET action = 'signed_in'", [])?;
        Ok(())
    });
    assert!(changed.unwrap_err().to_string().contains("never changed"));
}

#[test]
fn a_step_that_landed_later_with_a_lower_number_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deskbell.db");
    crate::opening::create(&path).unwrap();
    // As a program left it that did not know this step.
    let database = connections::open_writer(&path).unwrap();
    let undo = "ALTER TABLE workspace DROP COLUMN business_hours;
         ALTER TABLE workspace DROP COLUMN holidays;
         DELETE FROM refinery_schema_history WHERE version = 2;";
    database.execute_batch(undo).unwrap();
    database.close().unwrap();

    assert!(matches!(Store::open_read_only(folder.path()), Err(OpenError::Older { .. })));
    let store = Store::open(Options::new(folder.path())).unwrap();
    let column = store.read_blocking::<_, StoreError>(|db| {
        db.sql().prepare("SELECT holidays FROM workspace")?;
        Ok(migrate::current(db.sql())?)
    });
    assert_eq!(column.unwrap(), migrate::latest());
    assert!(store.integrity(true).unwrap().is_empty());
    store.close_blocking();
    assert!(folder.path().join("deskbell.db.before-V0002").exists());
    Store::open_read_only(folder.path()).unwrap().close_blocking();
}

#[test]
fn two_copies_are_kept() {
    let folder = old(0);
    for version in [7, 8, 9] {
        let path = folder.path().join(format!("deskbell.db.before-V{version:04}"));
        let file = fs::File::create(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(version)).unwrap();
    }
    Store::open(Options::new(folder.path())).unwrap().close_blocking();
    let kept = |version| folder.path().join(format!("deskbell.db.before-V{version:04}")).exists();
    assert_eq!([1, 7, 8, 9].map(kept), [true, false, false, true]);
}

#[test]
fn a_newer_schema_is_refused() {
    let folder = old(migrate::latest());
    let database = crate::connections::open_writer(&folder.path().join("deskbell.db")).unwrap();
    database
        .execute(
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
             VALUES (9000, 'later', '2030-01-01T00:00:00Z', '1')",
            [],
        )
        .unwrap();
    database.close().unwrap();
    let open = [
        Store::open(Options::new(folder.path())),
        Store::open_read_only(folder.path()),
        Store::open_beside(folder.path()),
    ];
    for opened in open {
        let Err(error) = opened else { panic!("opened") };
        assert!(matches!(error, OpenError::Newer { found: 9000, .. }), "{error:?}");
        assert!(error.to_string().contains("newer Deskbell"));
    }
}

#[test]
fn a_command_beside_leaves_an_old_schema_alone() {
    let folder = old(0);
    assert!(matches!(Store::open_read_only(folder.path()), Err(OpenError::Older { .. })));
    assert!(matches!(Store::open_beside(folder.path()), Err(OpenError::Older { .. })));
}

#[test]
fn a_migration_that_was_changed_after_it_landed_is_refused() {
    let folder = old(migrate::latest());
    let database = crate::connections::open_writer(&folder.path().join("deskbell.db")).unwrap();
    database.execute("UPDATE refinery_schema_history SET checksum = '1'", []).unwrap();
    database.close().unwrap();
    let opened = Store::open(Options::new(folder.path()));
    assert!(matches!(opened, Err(OpenError::Migration { copy: None, .. })));
}

#[test]
fn an_upgrade_that_breaks_references_is_taken_back() {
    let folder = old(0);
    let path = folder.path().join("deskbell.db");
    let database = crate::connections::open_writer(&path).unwrap();
    database
        .execute_batch(
            "PRAGMA foreign_keys = OFF;
             CREATE TABLE parents (id INTEGER PRIMARY KEY);
             CREATE TABLE children (parent INTEGER REFERENCES parents (id));
             INSERT INTO children VALUES (7);",
        )
        .unwrap();
    database.close().unwrap();
    for _ in 0..2 {
        let Err(error) = Store::open(Options::new(folder.path())) else { panic!("opened") };
        assert!(error.to_string().contains("rows of children"), "{error}");
        assert!(error.to_string().contains("deskbell.db.before-V0001"), "{error}");
        let database = crate::connections::open_reader(&path).unwrap();
        assert_eq!(migrate::current(&database).unwrap(), 0);
    }
}

/// One deferred foreign key that is broken at COMMIT would fail everybody in the batch.
#[test]
fn no_constraint_waits_for_the_commit() {
    let desk = Desk::open();
    let deferred = desk.store.read_blocking::<i64, StoreError>(|db| {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%DEFERRABLE%'";
        Ok(db.sql().query_row(sql, [], |row| row.get(0))?)
    });
    assert_eq!(deferred.unwrap(), 0);
}

/// Names the folder that the child of the next test upgrades.
const CHILDS_FOLDER: &str = "UPGRADED_BY_A_CHILD";

/// What that child does; without it there is nothing to upgrade.
#[test]
fn a_child_upgrades() {
    if let Some(folder) = std::env::var_os(CHILDS_FOLDER) {
        Store::open(Options::new(folder)).unwrap().close_blocking();
    }
}

#[test]
fn an_upgrade_that_is_killed_is_made_by_the_next_start() {
    let versions = migrate::versions();
    let (first, last) = (versions[0], migrate::latest());
    for at in ["upgrade: copied", "upgrade: before the commit"] {
        let folder = old(first);
        let killed = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::upgrades::a_child_upgrades"])
            .env(CHILDS_FOLDER, folder.path())
            .env(failpoints::VARIABLE, at)
            .output()
            .unwrap();
        assert_eq!(killed.status.code(), None, "{at}: {killed:?}");
        let database = folder.path().join("deskbell.db");
        let left = connections::open_writer(&database).unwrap();
        assert_eq!(migrate::current(&left).unwrap(), first, "{at}: all steps or none");
        left.close().unwrap();
        let store = Store::open(Options::new(folder.path())).unwrap();
        let found =
            store.read_blocking::<i32, StoreError>(|db| Ok(migrate::current(db.sql())?)).unwrap();
        assert_eq!(found, last, "{at}");
        assert!(store.integrity(true).unwrap().is_empty(), "{at}");
        store.close_blocking();
    }
}
