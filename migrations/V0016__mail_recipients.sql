-- Who of a mail's recipients has not got it, and where its sender wants answers.

-- JSON: [{address, reason, pending}]. Set only where a mail left for some of its recipients and not for others.
ALTER TABLE message_mails ADD COLUMN unreached TEXT;
-- The Reply-To of a mail that came in, where it names somebody else than its From.
ALTER TABLE message_mails ADD COLUMN reply_to TEXT;
