-- Automations: rules, what they did, and the timers they wait on.

CREATE TABLE automations (
    id              BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    position        INTEGER NOT NULL,
    name            TEXT    NOT NULL,
    trigger_name    TEXT    NOT NULL,
    -- How long nothing happened; NULL for rules that something triggers.
    minutes         INTEGER CHECK (minutes IS NULL OR minutes >= 1),
    conditions      TEXT    NOT NULL,
    actions         TEXT    NOT NULL,
    is_active       INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    -- A timed rule looks at waits that were over after this.
    active_since    INTEGER,
    runs            INTEGER NOT NULL DEFAULT 0,
    matches         INTEGER NOT NULL DEFAULT 0,
    failures        INTEGER NOT NULL DEFAULT 0,
    failed_in_a_row INTEGER NOT NULL DEFAULT 0,
    last_matched_at INTEGER,
    last_error      TEXT,
    disabled_reason TEXT,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    -- A deleted rule keeps the row: its name stays on what it wrote.
    deleted_at      INTEGER
) STRICT;
CREATE INDEX automations_position ON automations (position) WHERE deleted_at IS NULL;

-- Another value after each change of a rule: what is remembered of the rules is told stale by it.
CREATE TABLE automations_version (
    only_one INTEGER NOT NULL PRIMARY KEY CHECK (only_one = 1),
    version  BLOB    NOT NULL CHECK (length(version) = 16)
) STRICT;

-- What a rule did, or why it failed. Pruned by age, and by number within a conversation.
CREATE TABLE automation_runs (
    seq                 INTEGER PRIMARY KEY,
    automation_id       BLOB    NOT NULL REFERENCES automations (id),
    conversation_number INTEGER NOT NULL REFERENCES conversations (number),
    trigger_name        TEXT    NOT NULL,
    outcome             TEXT    NOT NULL CHECK (outcome IN ('matched', 'failed', 'stopped')),
    -- How many of its actions changed something.
    changes             INTEGER NOT NULL,
    document            TEXT    NOT NULL,
    created_at          INTEGER NOT NULL
) STRICT;
CREATE INDEX automation_runs_conversation ON automation_runs (conversation_number);
CREATE INDEX automation_runs_created ON automation_runs (created_at);
CREATE INDEX automation_runs_automation ON automation_runs (automation_id);

-- The rules that looked at a conversation last and did not match.
CREATE TABLE automation_looks (
    conversation_number INTEGER NOT NULL PRIMARY KEY REFERENCES conversations (number),
    document            TEXT    NOT NULL,
    created_at          INTEGER NOT NULL
) STRICT;
CREATE INDEX automation_looks_created ON automation_looks (created_at);

-- Which wait a timed rule has answered already: once for each.
CREATE TABLE automation_firings (
    conversation_number INTEGER NOT NULL REFERENCES conversations (number),
    automation_id       BLOB    NOT NULL REFERENCES automations (id),
    waiting_since       INTEGER NOT NULL,
    PRIMARY KEY (conversation_number, automation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX automation_firings_automation ON automation_firings (automation_id);

-- When a person last got an automatic reply.
CREATE TABLE automatic_replies (
    contact_id BLOB    NOT NULL PRIMARY KEY REFERENCES contacts (id),
    sent_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX automatic_replies_sent ON automatic_replies (sent_at);
