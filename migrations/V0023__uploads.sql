-- What all visitors have uploaded and not sent yet is summed before each upload: from the index alone.
DROP INDEX attachments_visitor;
CREATE INDEX attachments_visitor ON attachments (visitor_seq, size, message_seq)
    WHERE message_seq IS NULL AND visitor_seq IS NOT NULL;

-- How often its customer changed their mind.
ALTER TABLE ratings ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
