-- Search operators: what has:attachment is found by.

CREATE INDEX messages_attached ON messages (conversation_number) WHERE has_attachments = 1;
