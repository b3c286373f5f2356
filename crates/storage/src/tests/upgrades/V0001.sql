-- At least one row in each table of V0001, as a program of that time wrote it.
INSERT INTO meta VALUES ('example', 'value');
INSERT INTO workspace VALUES (1, 'Example', 'Europe/Berlin', 'en', 'DE', 5, 'Your Example', 365, 1000, 2000);
INSERT INTO agents VALUES
    (x'00000000000000000000000000000a01', 'Ann', 'ann@example.com', 'admin', '$argon2id$', 1, 3000, 1000, 2000, NULL),
    (x'00000000000000000000000000000a02', 'Bob', 'bob@example.com', 'agent', NULL, 1, NULL, 1000, 2000, 2500);
INSERT INTO sessions VALUES
    (x'00000000000000000000000000000b01', zeroblob(32), x'00000000000000000000000000000a01', '127.0.0.1', 'curl', 1000, 2000, 9000);
INSERT INTO links VALUES (zeroblob(32), 'reset', x'00000000000000000000000000000a01', 1000, 9000);
INSERT INTO throttles VALUES ('login account 1', 3, 1000, 2000);
INSERT INTO idempotency_keys VALUES
    (x'00000000000000000000000000000a01', 'key', zeroblob(32), x'00000000000000000000000000000e01', 1000);
INSERT INTO channels VALUES
    (x'00000000000000000000000000000c01', 'email', 'Support', '{}', 1, 1000, 2000, NULL);
INSERT INTO secrets VALUES
    (x'00000000000000000000000000000c01', 'imap_password', 'key', zeroblob(24), x'01', 1000);
INSERT INTO channel_health VALUES
    (x'00000000000000000000000000000c01', 1000, NULL, NULL, 1000, 'refused', 900);
INSERT INTO mail_folders VALUES (x'00000000000000000000000000000c01', 'INBOX', 1, 7, 1000);
INSERT INTO contacts VALUES
    (1, x'00000000000000000000000000000d01', 'Cora', 'cora@mail.test', '+49301234567', 'Nice', '{}', 0, 1000, 2000, NULL),
    (2, x'00000000000000000000000000000d02', NULL, NULL, NULL, NULL, '{}', 1, 1000, 2000, 3000);
INSERT INTO contact_emails VALUES ('cora@mail.test', x'00000000000000000000000000000d01', 0);
INSERT INTO contact_phones VALUES ('+49301234567', x'00000000000000000000000000000d01', 0);
INSERT INTO contact_external_ids VALUES ('shop', '17', x'00000000000000000000000000000d01');
INSERT INTO tags VALUES (1, x'00000000000000000000000000000f01', 'Refund', 'refund', '#cc0000', 1000);
INSERT INTO contact_tags VALUES (1, 1);
INSERT INTO conversations VALUES
    (1, x'00000000000000000000000000000e01', x'00000000000000000000000000000c01', 'email',
     x'00000000000000000000000000000d01', 'Where is my order?', 'open', NULL, 0, 'high',
     x'00000000000000000000000000000a01', 1, 'Call back', '{"order": 17}', 2, 2, 'On its way', 'outbound', 1300,
     1300, NULL, 1100, 1300, x'00000000000000000000000000000a01', NULL, NULL, NULL, 1000, 2000),
    (2, x'00000000000000000000000000000e02', x'00000000000000000000000000000c01', 'email',
     x'00000000000000000000000000000d01', NULL, 'resolved', NULL, 1, 'normal', NULL, 0, NULL, '{}', 0, NULL, NULL,
     NULL, NULL, 1000, NULL, NULL, NULL, NULL, 2000, x'00000000000000000000000000000a01',
     x'00000000000000000000000000000e01', 1000, 2000);
INSERT INTO conversation_tags VALUES (1, 1, 'open', 1300, 0);
INSERT INTO conversation_counts VALUES
    (0, 'open', x'00000000000000000000000000000c01', x'00000000000000000000000000000a01', 1, 1),
    (1, 'resolved', x'00000000000000000000000000000c01', x'', 0, 1);
INSERT INTO assignments VALUES
    (1, 1, x'00000000000000000000000000000a01', x'00000000000000000000000000000a01', 1200, NULL);
INSERT INTO status_changes VALUES (1, 2, 'open', 'resolved', x'00000000000000000000000000000a01', 2000);
INSERT INTO messages VALUES
    (1, x'00000000000000000000000000001001', 1, 'inbound', 'text', 'contact', x'00000000000000000000000000000d01',
     'Where is it?', NULL, NULL, NULL, 0, 1, 1100, NULL),
    (2, x'00000000000000000000000000001002', 1, 'outbound', 'text', 'agent', x'00000000000000000000000000000a01',
     'On its way', 'queued', NULL, 1400, 1, 0, 1300, NULL);
INSERT INTO message_bodies VALUES (1, '<p>Where is it?</p>', NULL, 'Cora');
INSERT INTO message_mails VALUES
    (1, 'question@mail.test', 4711, NULL, '[]', 'Where is my order?', 'Cora', 'cora@mail.test',
     '["desk@example.com"]', '["dan@mail.test"]', '[]', 0, NULL, x'00000000000000000000000000002001');
INSERT INTO conversation_participants VALUES (1, 'dan@mail.test');
INSERT INTO deliveries VALUES (1, 2, 1400, 1500, 'retry', 451, 'later');
INSERT INTO files VALUES
    ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 5, 1000, NULL),
    ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 5, 1000, 1500);
INSERT INTO attachments VALUES
    (x'00000000000000000000000000003001', 1, NULL, NULL,
     'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'a.txt', 'text/plain', 5, NULL, 0, 1000);
INSERT INTO inbound VALUES
    (1, x'00000000000000000000000000002001', x'00000000000000000000000000000c01', 'desk@host/INBOX/1/6', 'content 1',
     'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 5, 1000, 'cora@mail.test',
     'Where is my order?', 0, 'message', NULL, 1, 1, 1100),
    (2, x'00000000000000000000000000002002', x'00000000000000000000000000000c01', 'desk@host/INBOX/1/7', 'content 2',
     'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 5, 1000, NULL, NULL, 0, 'quarantined',
     'it cannot be read', NULL, 3, 1100);
INSERT INTO jobs VALUES
    (x'00000000000000000000000000004001', 'send_message', x'00000000000000000000000000001002', '{}', 'lane', 'ready',
     1400, 1, 0, NULL, 'later', 1300);
INSERT INTO events VALUES
    (1, 'conversation_created', 1, NULL, 'contact', x'00000000000000000000000000000d01', '{}', 1000);
INSERT INTO messages_fts (rowid, text, attachments) VALUES (1, 'Where is it?', 'a.txt'), (2, 'On its way', '');
INSERT INTO conversations_fts (rowid, subject, tags) VALUES (1, 'Where is my order?', 'Refund');
INSERT INTO contacts_fts (rowid, names, addresses, phones) VALUES (1, 'Cora', 'cora@mail.test', '49301234567');
