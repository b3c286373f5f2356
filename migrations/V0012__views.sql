-- Search operators, views, and what is done to many conversations at once and can be undone.

-- What has:attachment is found by.

CREATE INDEX messages_attached ON messages (conversation_number) WHERE has_attachments = 1;

-- ── Views: searches people keep ─────────────────────────────────────────────────────────────────

CREATE TABLE views (
    seq        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    name       TEXT    NOT NULL,
    -- What a list of conversations is asked for; words such as "me" are looked up when it is asked.
    query      TEXT    NOT NULL,
    owner_id   BLOB    NOT NULL REFERENCES agents (id),
    shared     INTEGER NOT NULL CHECK (shared IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX views_owner ON views (owner_id, shared);
CREATE INDEX views_shared ON views (seq) WHERE shared = 1;

-- In which order an agent wants to see them; what is not here comes last, the older first.
CREATE TABLE view_places (
    agent_id BLOB    NOT NULL REFERENCES agents (id),
    view_seq INTEGER NOT NULL REFERENCES views (seq) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    PRIMARY KEY (agent_id, view_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX view_places_view ON view_places (view_seq);

-- ── Operations: what is done to many things at once, kept so that it can be undone ──────────────

CREATE TABLE operations (
    seq         INTEGER PRIMARY KEY,
    id          BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    kind        TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('collecting', 'running', 'done', 'failed', 'undoing', 'undone')),
    author_id   BLOB    NOT NULL REFERENCES agents (id),
    -- The author's role then: a key may have less than its agent.
    author_role TEXT    NOT NULL,
    -- What was asked, and what undoing it needs.
    details     TEXT    NOT NULL,
    -- What a merge or a split was made of: the one that stays, and the other.
    target_id   BLOB,
    other_id    BLOB,
    -- NULL while what matches is being collected.
    total       INTEGER,
    changed     INTEGER NOT NULL DEFAULT 0,
    same        INTEGER NOT NULL DEFAULT 0,
    skipped     INTEGER NOT NULL DEFAULT 0,
    restored    INTEGER NOT NULL DEFAULT 0,
    kept        INTEGER NOT NULL DEFAULT 0,
    error       TEXT,
    undone_by   BLOB    REFERENCES agents (id),
    undone_role TEXT,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    undone_at   INTEGER
) STRICT;
CREATE INDEX operations_author ON operations (author_id);
CREATE INDEX operations_unfinished ON operations (author_id) WHERE state IN ('collecting', 'running', 'undoing');
CREATE INDEX operations_target ON operations (target_id) WHERE target_id IS NOT NULL;
CREATE INDEX operations_other ON operations (other_id) WHERE other_id IS NOT NULL;
CREATE INDEX operations_created ON operations (created_at) WHERE kind = 'bulk';

-- The conversation this one went into. Its row stays, as spam so that no list's index has it, and its
-- number and id lead on.
ALTER TABLE conversations ADD COLUMN merged_into BLOB;
CREATE INDEX conversations_merged ON conversations (merged_into) WHERE merged_into IS NOT NULL;

-- What became of each conversation of a bulk operation.
CREATE TABLE operation_items (
    operation_seq       INTEGER NOT NULL REFERENCES operations (seq) ON DELETE CASCADE,
    conversation_number INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
    state               TEXT    NOT NULL CHECK (state IN ('waiting', 'changed', 'same', 'skipped', 'restored', 'kept')),
    -- How it was before and how it was left.
    trace               TEXT,
    PRIMARY KEY (operation_seq, conversation_number)
) STRICT, WITHOUT ROWID;
CREATE INDEX operation_items_state ON operation_items (operation_seq, state);
CREATE INDEX operation_items_conversation ON operation_items (conversation_number);
