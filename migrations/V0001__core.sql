-- The core: workspace, agents, channels, contacts, conversations, messages, mail ledger, jobs, events, search.
--
-- Times are integer milliseconds UTC, booleans 0/1, ids 16-byte UUIDv7, JSON is text.
-- Ids never order: what must be ordered has an integer key from the one writer.

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE workspace (
    only_one           INTEGER NOT NULL PRIMARY KEY CHECK (only_one = 1),
    name               TEXT    NOT NULL,
    time_zone          TEXT    NOT NULL,
    locale             TEXT    NOT NULL,
    default_country    TEXT,
    send_delay_seconds INTEGER NOT NULL CHECK (send_delay_seconds BETWEEN 0 AND 120),
    signature          TEXT,
    retention_days     INTEGER CHECK (retention_days IS NULL OR retention_days >= 1),
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL
) STRICT;

-- ── Identity ────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE agents (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name          TEXT    NOT NULL,
    email         TEXT    NOT NULL,
    role          TEXT    NOT NULL CHECK (role IN ('admin', 'agent')),
    password_hash TEXT,
    is_active     INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    last_seen_at  INTEGER,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    deleted_at    INTEGER
) STRICT;
-- A deleted agent keeps the row, so that names stay on messages, and frees the address.
CREATE UNIQUE INDEX agents_email ON agents (email) WHERE deleted_at IS NULL;

CREATE TABLE sessions (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    token_hash   BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    agent_id     BLOB    NOT NULL REFERENCES agents (id),
    ip           TEXT,
    user_agent   TEXT,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_agent ON sessions (agent_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Set-up, invitation and password-reset links: single use, only the hash of the token is kept.
CREATE TABLE links (
    token_hash BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    purpose    TEXT    NOT NULL CHECK (purpose IN ('setup', 'invitation', 'reset')),
    agent_id   BLOB    REFERENCES agents (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX links_agent ON links (agent_id);

-- Failures of login, reset and the like by account and by address prefix, so that a restart forgives nobody.
CREATE TABLE throttles (
    key           TEXT    NOT NULL PRIMARY KEY,
    failures      INTEGER NOT NULL,
    last_at       INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL
) STRICT;

CREATE TABLE idempotency_keys (
    actor_id    BLOB    NOT NULL,
    key         TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    object_id   BLOB    NOT NULL CHECK (length(object_id) = 16),
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (actor_id, key)
) STRICT;
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- ── Channels ────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE channels (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    type       TEXT    NOT NULL CHECK (type IN ('email', 'webchat', 'whatsapp', 'facebook', 'instagram', 'telegram', 'viber', 'sms')),
    name       TEXT    NOT NULL,
    config     TEXT    NOT NULL,
    is_active  INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;

-- Encrypted with a key outside the database; the nonce and the ciphertext are bound to owner and name.
CREATE TABLE secrets (
    owner_id   BLOB    NOT NULL,
    name       TEXT    NOT NULL,
    key_id     TEXT    NOT NULL,
    nonce      BLOB    NOT NULL CHECK (length(nonce) = 24),
    ciphertext BLOB    NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (owner_id, name)
) STRICT;

CREATE TABLE channel_health (
    channel_id       BLOB NOT NULL PRIMARY KEY REFERENCES channels (id),
    receive_ok_at    INTEGER,
    receive_error    TEXT,
    receive_error_at INTEGER,
    send_ok_at       INTEGER,
    send_error       TEXT,
    send_error_at    INTEGER
) STRICT;

-- How far each folder of a mailbox has been read (RFC 3501: a UID means nothing without its UIDVALIDITY).
CREATE TABLE mail_folders (
    channel_id   BLOB    NOT NULL REFERENCES channels (id),
    folder       TEXT    NOT NULL,
    uid_validity INTEGER NOT NULL,
    last_uid     INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    PRIMARY KEY (channel_id, folder)
) STRICT;

-- ── Contacts ────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE contacts (
    seq        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    name       TEXT,
    email      TEXT,
    phone      TEXT,
    notes      TEXT,
    attributes TEXT    NOT NULL DEFAULT '{}',
    blocked    INTEGER NOT NULL CHECK (blocked IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- Set when the person is to be forgotten; jobs then remove what belongs to them in slices.
    erased_at  INTEGER
) STRICT;

-- All addresses of a person, the first also in contacts.email; likewise the phones.
CREATE TABLE contact_emails (
    address    TEXT    NOT NULL PRIMARY KEY,
    contact_id BLOB    NOT NULL REFERENCES contacts (id),
    position   INTEGER NOT NULL
) STRICT;
CREATE INDEX contact_emails_contact ON contact_emails (contact_id, position);

CREATE TABLE contact_phones (
    number     TEXT    NOT NULL PRIMARY KEY,
    contact_id BLOB    NOT NULL REFERENCES contacts (id),
    position   INTEGER NOT NULL
) STRICT;
CREATE INDEX contact_phones_contact ON contact_phones (contact_id, position);

CREATE TABLE contact_external_ids (
    kind       TEXT NOT NULL,
    value      TEXT NOT NULL,
    contact_id BLOB NOT NULL REFERENCES contacts (id),
    PRIMARY KEY (kind, value)
) STRICT;
CREATE INDEX contact_external_ids_contact ON contact_external_ids (contact_id);

-- ── Tags ────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE tags (
    seq        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    name       TEXT    NOT NULL,
    -- The name folded for comparison: tags are unique ignoring case, the first spelling is kept.
    name_key   TEXT    NOT NULL UNIQUE,
    color      TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE contact_tags (
    contact_seq INTEGER NOT NULL REFERENCES contacts (seq),
    tag_seq     INTEGER NOT NULL REFERENCES tags (seq),
    PRIMARY KEY (contact_seq, tag_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_tags_tag ON contact_tags (tag_seq);

-- ── Conversations ───────────────────────────────────────────────────────────────────────────────

CREATE TABLE conversations (
    -- The short number people use (#1042); also the row id, so every index below ends in it.
    number                 INTEGER PRIMARY KEY,
    id                     BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    channel_id             BLOB    NOT NULL REFERENCES channels (id),
    channel_type           TEXT    NOT NULL,
    contact_id             BLOB    NOT NULL REFERENCES contacts (id),
    subject                TEXT,
    status                 TEXT    NOT NULL CHECK (status IN ('open', 'pending', 'snoozed', 'resolved')),
    snoozed_until          INTEGER,
    spam                   INTEGER NOT NULL CHECK (spam IN (0, 1)),
    priority               TEXT    NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    assignee_id            BLOB    REFERENCES agents (id),
    unread_count           INTEGER NOT NULL CHECK (unread_count >= 0),
    notes                  TEXT,
    attributes             TEXT    NOT NULL DEFAULT '{}',
    message_count          INTEGER NOT NULL DEFAULT 0,
    last_message_seq       INTEGER,
    last_message_text      TEXT,
    last_message_direction TEXT,
    last_message_at        INTEGER,
    -- When something last happened here that moves it up a list: a message, or its creation.
    active_at              INTEGER NOT NULL,
    -- The first customer message nobody has answered yet.
    waiting_since          INTEGER,
    first_message_at       INTEGER,
    first_response_at      INTEGER,
    first_response_by      BLOB    REFERENCES agents (id),
    resolved_at            INTEGER,
    resolved_by            BLOB    REFERENCES agents (id),
    -- The conversation this one was opened beside, e.g. when somebody else answered its thread.
    related_id             BLOB,
    created_at             INTEGER NOT NULL,
    updated_at             INTEGER NOT NULL
) STRICT;
-- A list is read by one of these keys, once for each status it asks for, newest first.
CREATE INDEX conversations_status ON conversations (status, active_at) WHERE spam = 0;
CREATE INDEX conversations_channel ON conversations (channel_id, status, active_at) WHERE spam = 0;
CREATE INDEX conversations_assignee ON conversations (assignee_id, status, active_at) WHERE spam = 0;
CREATE INDEX conversations_unread ON conversations (status, active_at) WHERE spam = 0 AND unread_count > 0;
CREATE INDEX conversations_waiting ON conversations (status, waiting_since) WHERE spam = 0 AND waiting_since IS NOT NULL;
CREATE INDEX conversations_spam ON conversations (status, active_at) WHERE spam = 1;
CREATE INDEX conversations_contact ON conversations (contact_id, active_at);

-- Status and activity are repeated here so that a tag's list is read by key as well.
CREATE TABLE conversation_tags (
    conversation_number INTEGER NOT NULL REFERENCES conversations (number),
    tag_seq             INTEGER NOT NULL REFERENCES tags (seq),
    status              TEXT    NOT NULL,
    active_at           INTEGER NOT NULL,
    spam                INTEGER NOT NULL,
    PRIMARY KEY (conversation_number, tag_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_tags_tag ON conversation_tags (tag_seq, spam, status, active_at, conversation_number);

-- Totals for every combination of what lists filter by, changed in the transaction of the fact.
-- An empty blob stands for "nobody".
CREATE TABLE conversation_counts (
    spam        INTEGER NOT NULL,
    status      TEXT    NOT NULL,
    channel_id  BLOB    NOT NULL,
    assignee_id BLOB    NOT NULL,
    unread      INTEGER NOT NULL,
    n           INTEGER NOT NULL,
    PRIMARY KEY (spam, status, channel_id, assignee_id, unread)
) STRICT, WITHOUT ROWID;

-- Who had a conversation, from when until when, and who gave it to them: reports need the past too.
CREATE TABLE assignments (
    seq                 INTEGER PRIMARY KEY,
    conversation_number INTEGER NOT NULL REFERENCES conversations (number),
    agent_id            BLOB    NOT NULL REFERENCES agents (id),
    assigned_by         BLOB    REFERENCES agents (id),
    assigned_at         INTEGER NOT NULL,
    unassigned_at       INTEGER
) STRICT;
CREATE INDEX assignments_conversation ON assignments (conversation_number);

CREATE TABLE status_changes (
    seq                 INTEGER PRIMARY KEY,
    conversation_number INTEGER NOT NULL REFERENCES conversations (number),
    before              TEXT    NOT NULL,
    after               TEXT    NOT NULL,
    changed_by          BLOB    REFERENCES agents (id),
    changed_at          INTEGER NOT NULL
) STRICT;
CREATE INDEX status_changes_conversation ON status_changes (conversation_number);

-- ── Messages ────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE messages (
    seq                       INTEGER PRIMARY KEY,
    id                        BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    conversation_number       INTEGER NOT NULL REFERENCES conversations (number),
    direction                 TEXT    NOT NULL CHECK (direction IN ('inbound', 'outbound', 'note', 'event')),
    type                      TEXT    NOT NULL,
    sender_type               TEXT    NOT NULL CHECK (sender_type IN ('contact', 'agent', 'ai', 'system')),
    sender_id                 BLOB,
    text                      TEXT    NOT NULL,
    status                    TEXT    CHECK (status IN ('queued', 'sent', 'delivered', 'read', 'failed')),
    error                     TEXT,
    -- An outbound message leaves at this time: after the undo delay, or when an agent asked for it.
    send_at                   INTEGER,
    cancel_if_customer_writes INTEGER NOT NULL DEFAULT 0 CHECK (cancel_if_customer_writes IN (0, 1)),
    has_attachments           INTEGER NOT NULL DEFAULT 0 CHECK (has_attachments IN (0, 1)),
    created_at                INTEGER NOT NULL,
    sent_at                   INTEGER
) STRICT;
CREATE INDEX messages_conversation ON messages (conversation_number);
-- Customers who wrote into other people's conversations, so that they can be forgotten there too.
CREATE INDEX messages_contact ON messages (sender_id) WHERE sender_type = 'contact';
CREATE INDEX messages_queued ON messages (conversation_number) WHERE status = 'queued';

-- What a mail has beyond its text. HTML is kept as it came and cleaned when it is read.
CREATE TABLE message_bodies (
    message_seq INTEGER PRIMARY KEY REFERENCES messages (seq),
    html        TEXT,
    quoted      TEXT,
    signature   TEXT
) STRICT;

CREATE TABLE message_mails (
    message_seq     INTEGER PRIMARY KEY REFERENCES messages (seq),
    message_id      TEXT,
    -- The first 8 bytes of the SHA-256 of message_id: a narrow key to find a thread by.
    message_key     INTEGER,
    in_reply_to     TEXT,
    reference_ids   TEXT,
    subject         TEXT,
    from_name       TEXT,
    from_address    TEXT,
    to_addresses    TEXT NOT NULL DEFAULT '[]',
    cc_addresses    TEXT NOT NULL DEFAULT '[]',
    bcc_addresses   TEXT NOT NULL DEFAULT '[]',
    -- No person wrote it: an automatic reply, a mailing list, a report. Nothing answers it by itself.
    automatic       INTEGER NOT NULL DEFAULT 0 CHECK (automatic IN (0, 1)),
    -- What a reader should know of it, e.g. that its sender is unclear.
    remark          TEXT,
    inbound_id      BLOB
) STRICT;
CREATE INDEX message_mails_key ON message_mails (message_key) WHERE message_key IS NOT NULL;

-- Addresses an agent put in to/cc: with the contact, the only ones whose replies join the thread.
CREATE TABLE conversation_participants (
    conversation_number INTEGER NOT NULL REFERENCES conversations (number),
    address             TEXT    NOT NULL,
    PRIMARY KEY (conversation_number, address)
) STRICT, WITHOUT ROWID;

-- One row for each attempt to hand an outbound message to its provider.
CREATE TABLE deliveries (
    seq         INTEGER PRIMARY KEY,
    message_seq INTEGER NOT NULL REFERENCES messages (seq),
    started_at  INTEGER NOT NULL,
    finished_at INTEGER,
    outcome     TEXT    CHECK (outcome IN ('sent', 'retry', 'failed', 'unknown', 'bounced')),
    code        INTEGER,
    detail      TEXT
) STRICT;
CREATE INDEX deliveries_message ON deliveries (message_seq);

-- ── Files ───────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE files (
    hash              TEXT    NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    size              INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    -- When the last reference went; the bytes follow a day later.
    unreferenced_at   INTEGER
) STRICT;
CREATE INDEX files_unreferenced ON files (unreferenced_at) WHERE unreferenced_at IS NOT NULL;

CREATE TABLE attachments (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- NULL while it is an upload that no message has taken yet.
    message_seq INTEGER REFERENCES messages (seq),
    uploader_id BLOB    REFERENCES agents (id),
    expires_at  INTEGER,
    file_hash   TEXT    NOT NULL REFERENCES files (hash),
    name        TEXT    NOT NULL,
    mime        TEXT    NOT NULL,
    size        INTEGER NOT NULL,
    content_id  TEXT,
    inline      INTEGER NOT NULL CHECK (inline IN (0, 1)),
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX attachments_message ON attachments (message_seq) WHERE message_seq IS NOT NULL;
CREATE INDEX attachments_file ON attachments (file_hash);
CREATE INDEX attachments_unclaimed ON attachments (expires_at) WHERE message_seq IS NULL;

-- ── Inbound ledger ──────────────────────────────────────────────────────────────────────────────

-- Everything a provider gave us, stored before it is acknowledged, and what became of it.
CREATE TABLE inbound (
    seq          INTEGER PRIMARY KEY,
    id           BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    channel_id   BLOB    NOT NULL REFERENCES channels (id),
    -- Where it was seen (for mail: folder, UIDVALIDITY and UID): one row for each sight.
    source_key   TEXT    NOT NULL,
    -- What it is (for mail: Message-ID and SHA-256): of one content, all but the first are duplicates.
    content_key  TEXT    NOT NULL,
    file_hash    TEXT    REFERENCES files (hash),
    size         INTEGER NOT NULL,
    received_at  INTEGER NOT NULL,
    from_address TEXT,
    subject      TEXT,
    -- Asked for by an admin: arrives resolved, without rules, notices or replies.
    backfill     INTEGER NOT NULL CHECK (backfill IN (0, 1)),
    fate         TEXT    NOT NULL CHECK (fate IN ('pending', 'message', 'duplicate', 'ignored', 'quarantined')),
    reason       TEXT,
    message_seq  INTEGER REFERENCES messages (seq),
    attempts     INTEGER NOT NULL DEFAULT 0,
    settled_at   INTEGER,
    UNIQUE (channel_id, source_key)
) STRICT;
CREATE UNIQUE INDEX inbound_content ON inbound (channel_id, content_key) WHERE fate <> 'duplicate';
CREATE INDEX inbound_channel ON inbound (channel_id);
CREATE INDEX inbound_fate ON inbound (channel_id, fate) WHERE fate <> 'message';
CREATE INDEX inbound_from ON inbound (from_address) WHERE message_seq IS NULL;
CREATE INDEX inbound_message ON inbound (message_seq) WHERE message_seq IS NOT NULL;
CREATE INDEX inbound_file ON inbound (file_hash) WHERE file_hash IS NOT NULL;

-- ── Work and history ────────────────────────────────────────────────────────────────────────────

CREATE TABLE jobs (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind         TEXT    NOT NULL,
    -- What the job is about; at most one job of a kind about one thing.
    subject_id   BLOB    NOT NULL,
    payload      TEXT    NOT NULL DEFAULT '{}',
    -- Jobs of one lane (e.g. one channel) wait for each other, never for another lane.
    lane         TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('ready', 'running', 'held', 'dead')),
    run_at       INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    -- Attempts that ended in a panic or with the whole server.
    crashes      INTEGER NOT NULL DEFAULT 0,
    -- Which start of the server runs it.
    leased_by    BLOB,
    last_error   TEXT,
    created_at   INTEGER NOT NULL,
    UNIQUE (kind, subject_id)
) STRICT;
-- The first job of each lane is found by key, however many wait behind it.
CREATE INDEX jobs_first ON jobs (state, kind, lane, run_at);

CREATE TABLE events (
    seq                 INTEGER PRIMARY KEY,
    kind                TEXT    NOT NULL,
    conversation_number INTEGER,
    subject_id          BLOB,
    actor_type          TEXT    NOT NULL CHECK (actor_type IN ('agent', 'contact', 'ai', 'system')),
    actor_id            BLOB,
    payload             TEXT    NOT NULL DEFAULT '{}',
    created_at          INTEGER NOT NULL
) STRICT;
CREATE INDEX events_conversation ON events (conversation_number) WHERE conversation_number IS NOT NULL;
CREATE INDEX events_created ON events (created_at);

-- ── Search (FTS5: SQLite's own) ─────────────────────────────────────────────────────────────────

-- Contentless: the source rows are the text; a change deletes the entry and inserts it anew.
CREATE VIRTUAL TABLE messages_fts USING fts5 (
    text, attachments,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE conversations_fts USING fts5 (
    subject, tags,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE contacts_fts USING fts5 (
    names, addresses, phones,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
