-- Canned replies, API keys, the audit trail, imports of contacts.

CREATE TABLE canned_replies (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name          TEXT    NOT NULL,
    shortcut      TEXT,
    -- The shortcut folded for comparison.
    shortcut_key  TEXT,
    -- NULL is shared by all.
    owner_id      BLOB    REFERENCES agents (id),
    created_by    BLOB    NOT NULL REFERENCES agents (id),
    text          TEXT    NOT NULL,
    html          TEXT,
    -- What happens to a conversation when it is used there.
    action_status TEXT    CHECK (action_status IN ('open', 'pending', 'resolved')),
    action_tags   TEXT    NOT NULL DEFAULT '[]',
    action_assign TEXT    CHECK (action_assign IN ('me', 'agent')),
    action_agent  BLOB    REFERENCES agents (id),
    use_count     INTEGER NOT NULL DEFAULT 0,
    last_used_at  INTEGER,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX canned_replies_owner ON canned_replies (owner_id);
CREATE UNIQUE INDEX canned_replies_own ON canned_replies (owner_id, shortcut_key)
    WHERE owner_id IS NOT NULL AND shortcut_key IS NOT NULL;
CREATE UNIQUE INDEX canned_replies_shared ON canned_replies (shortcut_key)
    WHERE owner_id IS NULL AND shortcut_key IS NOT NULL;
