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
