-- API keys, the audit trail, imports of contacts.

CREATE TABLE api_keys (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name         TEXT    NOT NULL,
    -- The start of the key, which people know it by.
    prefix       TEXT    NOT NULL,
    -- SHA-256 of the whole key.
    key_hash     BLOB    NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    role         TEXT    NOT NULL CHECK (role IN ('admin', 'agent')),
    dialect      TEXT    NOT NULL CHECK (dialect IN ('session', 'open')),
    created_by   BLOB    NOT NULL REFERENCES agents (id),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER,
    revoked_at   INTEGER
) STRICT;
CREATE INDEX api_keys_made_by ON api_keys (created_by);
CREATE INDEX api_keys_in_use ON api_keys (created_at) WHERE revoked_at IS NULL;
