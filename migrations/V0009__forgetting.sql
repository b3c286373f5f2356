-- What a person left in other people's threads and in mails that became no message, found by their address.

-- Whom a mail names, from its arrival on until it has become a message.
CREATE TABLE inbound_people (
    address     TEXT    NOT NULL,
    inbound_seq INTEGER NOT NULL REFERENCES inbound (seq) ON DELETE CASCADE,
    -- Whether it is from them (From, Sender, Reply-To, …); else it went to them.
    wrote       INTEGER NOT NULL CHECK (wrote IN (0, 1)),
    PRIMARY KEY (address, inbound_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbound_people_mail ON inbound_people (inbound_seq);

-- Whom a message names beside its writer and its one receiver.
CREATE TABLE message_people (
    address     TEXT    NOT NULL,
    message_seq INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
    PRIMARY KEY (address, message_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_people_message ON message_people (message_seq);

-- The addresses of a contact that is being erased, until the last row that names them is gone.
CREATE TABLE erased_addresses (
    contact_id  BLOB    NOT NULL REFERENCES contacts (id),
    address     TEXT    NOT NULL,
    -- The newest rows of that time: later ones are of somebody new.
    inbound_seq INTEGER NOT NULL,
    message_seq INTEGER NOT NULL,
    PRIMARY KEY (contact_id, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX conversation_participants_address ON conversation_participants (address);
CREATE INDEX inbound_copies ON inbound (channel_id, content_key) WHERE fate = 'duplicate';
-- Mails without a message grow old by themselves.
CREATE INDEX inbound_settled ON inbound (settled_at) WHERE fate IN ('duplicate', 'ignored', 'quarantined');
