-- What V0005 added.
INSERT INTO canned_replies VALUES
    (x'00000000000000000000000000005001', 'Thanks', '/thanks', '/thanks', NULL,
     x'00000000000000000000000000000a01', 'Thank you', NULL, 'resolved', '["Refund"]', 'agent',
     x'00000000000000000000000000000a01', 3, 2000, 1000, 2000);
