-- What agents have begun to write, kept until it is sent.

CREATE TABLE drafts (
    agent_id            BLOB    NOT NULL REFERENCES agents (id),
    conversation_number INTEGER NOT NULL REFERENCES conversations (number),
    kind                TEXT    NOT NULL CHECK (kind IN ('reply', 'note')),
    text                TEXT    NOT NULL,
    html                TEXT,
    -- JSON lists; an address may be half typed.
    cc                  TEXT    NOT NULL,
    bcc                 TEXT    NOT NULL,
    -- A JSON list of ids. Uploads are kept as long as a draft holds them.
    attachment_ids      TEXT    NOT NULL,
    -- Grows with each change, also over drafts that were sent, so that no tab takes one for another.
    version             INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    PRIMARY KEY (agent_id, conversation_number)
) STRICT;
CREATE INDEX drafts_agent ON drafts (agent_id, updated_at);
CREATE INDEX drafts_conversation ON drafts (conversation_number);
CREATE INDEX drafts_updated ON drafts (updated_at);
