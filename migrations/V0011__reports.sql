-- Figures: what each conversation adds to them, and their sums.
--
-- `cells` count how often a fact happened in a quarter of an hour; how they are written stands in
-- crates/storage/src/reports/cells.rs. Nothing here names a person but agents.

-- What one conversation has added so far, and under which tags.
CREATE TABLE report_ledgers (
    conversation_number INTEGER PRIMARY KEY,
    -- Whether report_sums has it. Spam adds nothing.
    counted             INTEGER NOT NULL CHECK (counted IN (0, 1)),
    -- Some of what was counted is not there any more, e.g. a removed message: this is all that tells of it.
    partial             INTEGER NOT NULL CHECK (partial IN (0, 1)),
    waiting_since       INTEGER,
    answered            INTEGER NOT NULL CHECK (answered IN (0, 1)),
    unresolved_since    INTEGER,
    latest_at           INTEGER,
    tags                BLOB    NOT NULL,
    entries             BLOB    NOT NULL
) STRICT;

-- The sums of all ledgers and of what is kept. An empty agent stands for nobody; tag 0 for all
-- conversations, whatever their tags.
CREATE TABLE report_sums (
    -- Days of UTC since 1970-01-01.
    day        INTEGER NOT NULL,
    tag_seq    INTEGER NOT NULL,
    channel_id BLOB    NOT NULL,
    agent_id   BLOB    NOT NULL,
    cells      BLOB    NOT NULL,
    PRIMARY KEY (day, tag_seq, channel_id, agent_id)
) STRICT, WITHOUT ROWID;

-- What conversations that are gone had added. Their ledgers went with them.
CREATE TABLE report_kept (
    day        INTEGER NOT NULL,
    tag_seq    INTEGER NOT NULL,
    channel_id BLOB    NOT NULL,
    agent_id   BLOB    NOT NULL,
    cells      BLOB    NOT NULL,
    PRIMARY KEY (day, tag_seq, channel_id, agent_id)
) STRICT, WITHOUT ROWID;

-- Conversations up to this number have yet to be counted: they are older than the figures.
CREATE TABLE report_progress (
    only_one  INTEGER NOT NULL PRIMARY KEY CHECK (only_one = 1),
    uncounted INTEGER NOT NULL
) STRICT;
INSERT INTO report_progress (only_one, uncounted)
SELECT 1, COALESCE(MAX(number), 0) FROM conversations;

-- The age of what is not resolved.
CREATE INDEX conversations_backlog ON conversations (created_at, channel_id, assignee_id)
    WHERE spam = 0 AND status <> 'resolved';
