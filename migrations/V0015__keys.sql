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

-- Who did what an admin may be asked about. Rows are added, and go when they are old.
CREATE TABLE audit_log (
    seq         INTEGER PRIMARY KEY,
    action      TEXT    NOT NULL,
    actor_type  TEXT    NOT NULL CHECK (actor_type IN ('agent', 'contact', 'ai', 'system')),
    actor_id    BLOB,
    object_type TEXT    NOT NULL,
    object_id   BLOB,
    -- Names of fields, words and numbers: no secret, and nothing a customer is known by.
    details     TEXT    NOT NULL,
    -- Where the request came from, and the API key it came with.
    ip          TEXT,
    key_id      BLOB,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_log_created ON audit_log (created_at);
CREATE INDEX audit_log_action ON audit_log (action, created_at);
CREATE INDEX audit_log_actor ON audit_log (actor_id, created_at);
CREATE INDEX audit_log_object ON audit_log (object_id, created_at);
CREATE TRIGGER audit_log_is_never_changed BEFORE UPDATE ON audit_log BEGIN
    SELECT RAISE(ABORT, 'the audit log is never changed');
END;

-- What the events told so far.
INSERT INTO audit_log (action, actor_type, actor_id, object_type, object_id, details, created_at)
SELECT kind, actor_type, actor_id,
       CASE
           WHEN kind LIKE 'agent%' OR kind LIKE 'sign%' OR kind = 'password_changed' THEN 'agent'
           WHEN kind LIKE 'channel%' THEN 'channel'
           WHEN kind = 'contact_erased' THEN 'contact'
           ELSE 'workspace'
       END,
       unhex(replace(coalesce(payload ->> 'agent_id', payload ->> 'channel_id',
                              payload ->> 'contact_id'), '-', '')),
       json_remove(payload, '$.kind', '$.agent_id', '$.channel_id', '$.contact_id'), created_at
FROM events
WHERE conversation_number IS NULL
  AND kind IN ('agent_created', 'agent_changed', 'agent_deleted', 'signed_in', 'signed_out',
               'sign_in_failed', 'password_changed', 'channel_created', 'channel_changed',
               'channel_deleted', 'contact_erased', 'settings_changed', 'held_jobs_released')
ORDER BY seq;
