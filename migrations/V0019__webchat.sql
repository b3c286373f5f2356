-- Web chat: who visits a site, what they may read, and what they thought of it.

CREATE TABLE visitors (
    seq        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    channel_id BLOB    NOT NULL REFERENCES channels (id),
    -- Who the site says they are, by a signature.
    user_id    TEXT,
    -- What they say of themselves. Nobody has verified it: it never finds a contact.
    name       TEXT,
    email      TEXT,
    phone      TEXT,
    -- NULL until they write.
    contact_id BLOB    REFERENCES contacts (id),
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX visitors_user ON visitors (channel_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX visitors_contact ON visitors (contact_id) WHERE contact_id IS NOT NULL;

-- One for each browser; only the hash is kept.
CREATE TABLE visitor_tokens (
    token_hash   BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    visitor_seq  INTEGER NOT NULL REFERENCES visitors (seq) ON DELETE CASCADE,
    -- Until when the site's signature holds; NULL for who is anonymous.
    signed_until INTEGER,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX visitor_tokens_visitor ON visitor_tokens (visitor_seq);
CREATE INDEX visitor_tokens_expires ON visitor_tokens (expires_at);

-- What a visitor may read.
CREATE TABLE visitor_conversations (
    visitor_seq         INTEGER NOT NULL REFERENCES visitors (seq) ON DELETE CASCADE,
    conversation_number INTEGER NOT NULL REFERENCES conversations (number),
    -- Where their next message goes.
    is_current          INTEGER NOT NULL CHECK (is_current IN (0, 1)),
    -- The last message they have read, and the last one that went to them by mail.
    read_seq            INTEGER NOT NULL DEFAULT 0,
    mailed_seq          INTEGER NOT NULL DEFAULT 0,
    agent_read_at       INTEGER,
    PRIMARY KEY (visitor_seq, conversation_number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX visitor_conversations_current ON visitor_conversations (visitor_seq) WHERE is_current = 1;
CREATE INDEX visitor_conversations_number ON visitor_conversations (conversation_number);

-- The name a browser gave its message, by which it is known when it is sent again.
CREATE TABLE visitor_messages (
    message_seq INTEGER PRIMARY KEY REFERENCES messages (seq),
    visitor_seq INTEGER NOT NULL REFERENCES visitors (seq) ON DELETE CASCADE,
    client_id   TEXT    NOT NULL,
    UNIQUE (visitor_seq, client_id)
) STRICT;

CREATE TABLE ratings (
    seq                 INTEGER PRIMARY KEY,
    conversation_number INTEGER NOT NULL REFERENCES conversations (number),
    -- Which resolution was rated.
    resolved_at         INTEGER NOT NULL,
    -- Who had the conversation then.
    agent_id            BLOB    REFERENCES agents (id),
    score               INTEGER NOT NULL CHECK (score BETWEEN 1 AND 5),
    comment             TEXT,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    UNIQUE (conversation_number, resolved_at)
) STRICT;

-- An upload is an agent's or a visitor's.
ALTER TABLE attachments ADD COLUMN visitor_seq INTEGER;
CREATE INDEX attachments_visitor ON attachments (visitor_seq) WHERE message_seq IS NULL AND visitor_seq IS NOT NULL;
