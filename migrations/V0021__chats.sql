-- Web chat in the figures, and mail from a conversation that has no mailbox of its own.

-- The mailbox a mail leaves over, where that is not its conversation's channel: what is forwarded
-- from a chat, say. Visitors never see these.
ALTER TABLE message_mails ADD COLUMN over_channel_id BLOB;

-- Conversations that were rated before ratings were counted are counted anew.
UPDATE report_progress
SET uncounted = (SELECT COALESCE(MAX(conversation_number), 0) FROM ratings)
WHERE uncounted < (SELECT COALESCE(MAX(conversation_number), 0) FROM ratings);
