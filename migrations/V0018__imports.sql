-- Imports of contacts, who made a rule, and automatic replies that hold no contact back.

CREATE TABLE imports (
    seq         INTEGER PRIMARY KEY,
    id          BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    status      TEXT    NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    dry_run     INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
    duplicates  TEXT    NOT NULL CHECK (duplicates IN ('skip', 'update')),
    -- What its sender called the file.
    name        TEXT,
    -- Its rows as we read them, each behind the number of its line; NULL once nobody needs them.
    file_hash   TEXT    REFERENCES files (hash),
    -- JSON: [{name, field}].
    columns     TEXT    NOT NULL,
    total       INTEGER NOT NULL,
    created     INTEGER NOT NULL DEFAULT 0,
    updated     INTEGER NOT NULL DEFAULT 0,
    skipped     INTEGER NOT NULL DEFAULT 0,
    failed      INTEGER NOT NULL DEFAULT 0,
    -- Where the next row begins in the file.
    next_byte   INTEGER NOT NULL DEFAULT 0,
    error       TEXT,
    author_id   BLOB    NOT NULL REFERENCES agents (id),
    created_at  INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE INDEX imports_file ON imports (file_hash) WHERE file_hash IS NOT NULL;
CREATE INDEX imports_unfinished ON imports (seq) WHERE status IN ('queued', 'running');
CREATE INDEX imports_created ON imports (created_at);

-- What became of each row of a file; nothing that stood in it.
CREATE TABLE import_rows (
    import_seq INTEGER NOT NULL REFERENCES imports (seq),
    -- From 1, without the header.
    number     INTEGER NOT NULL,
    line       INTEGER NOT NULL,
    result     TEXT    NOT NULL CHECK (result IN ('created', 'updated', 'skipped', 'failed')),
    contact_id BLOB,
    reason     TEXT,
    PRIMARY KEY (import_seq, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_rows_result ON import_rows (import_seq, result, number);

-- Who made a rule; NULL for those of before.
ALTER TABLE automations ADD COLUMN created_by BLOB REFERENCES agents (id);

-- A reply is forgotten with the person it went to.
ALTER TABLE automatic_replies RENAME TO automatic_replies_before;
CREATE TABLE automatic_replies (
    contact_id BLOB    NOT NULL PRIMARY KEY REFERENCES contacts (id) ON DELETE CASCADE,
    sent_at    INTEGER NOT NULL
) STRICT;
INSERT INTO automatic_replies (contact_id, sent_at) SELECT contact_id, sent_at FROM automatic_replies_before;
DROP TABLE automatic_replies_before;
CREATE INDEX automatic_replies_sent ON automatic_replies (sent_at);
