-- What an agent should hear of.

CREATE TABLE notices (
    seq             INTEGER PRIMARY KEY,
    id              BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    agent_id        BLOB    NOT NULL REFERENCES agents (id),
    kind            TEXT    NOT NULL,
    text            TEXT    NOT NULL,
    -- What it is about; it goes with the conversation.
    conversation_id BLOB,
    created_at      INTEGER NOT NULL,
    read_at         INTEGER
) STRICT;
CREATE INDEX notices_agent ON notices (agent_id, seq);
CREATE INDEX notices_unread ON notices (agent_id, seq) WHERE read_at IS NULL;
CREATE INDEX notices_conversation ON notices (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX notices_created ON notices (created_at);
