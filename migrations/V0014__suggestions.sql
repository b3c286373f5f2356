-- Suggested replies: articles to answer from, an optional model, and what it used.

CREATE TABLE articles (
    seq        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    title      TEXT    NOT NULL,
    format     TEXT    NOT NULL CHECK (format IN ('text', 'markdown', 'html')),
    -- As it was uploaded.
    content    TEXT    NOT NULL,
    created_by BLOB    REFERENCES agents (id),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- An article in pieces short enough to quote, without markup.
CREATE TABLE passages (
    seq         INTEGER PRIMARY KEY,
    article_seq INTEGER NOT NULL REFERENCES articles (seq),
    text        TEXT    NOT NULL
) STRICT;
CREATE INDEX passages_article ON passages (article_seq);

CREATE VIRTUAL TABLE passages_fts USING fts5 (
    title, text,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

-- The one model that may draft; its key is a sealed secret.
CREATE TABLE ai_settings (
    only_one       INTEGER NOT NULL PRIMARY KEY CHECK (only_one = 1),
    base_url       TEXT    NOT NULL,
    model          TEXT    NOT NULL,
    -- Tokens a calendar month may cost; NULL for no limit.
    monthly_tokens INTEGER,
    is_active      INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    updated_at     INTEGER NOT NULL
) STRICT;

-- One row for each draft a model made, and the message it became, if any.
CREATE TABLE ai_drafts (
    seq                 INTEGER PRIMARY KEY,
    id                  BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    conversation_number INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
    agent_id            BLOB    NOT NULL REFERENCES agents (id),
    model               TEXT    NOT NULL,
    prompt_tokens       INTEGER NOT NULL,
    completion_tokens   INTEGER NOT NULL,
    credits             INTEGER NOT NULL,
    message_seq         INTEGER REFERENCES messages (seq) ON DELETE SET NULL,
    created_at          INTEGER NOT NULL
) STRICT;
CREATE INDEX ai_drafts_conversation ON ai_drafts (conversation_number);
CREATE INDEX ai_drafts_message ON ai_drafts (message_seq) WHERE message_seq IS NOT NULL;

-- What each month (of the workspace's zone, as 2026-11) used, so that the budget is one row away.
CREATE TABLE ai_usage (
    month   TEXT    NOT NULL PRIMARY KEY,
    drafts  INTEGER NOT NULL,
    tokens  INTEGER NOT NULL,
    credits INTEGER NOT NULL
) STRICT;
