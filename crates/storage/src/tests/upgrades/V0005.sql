-- What V0002 and V0005 added to V0001.
UPDATE workspace SET business_hours = '{}', holidays = '["2026-12-25"]';
INSERT INTO canned_replies VALUES
    (x'00000000000000000000000000005001', 'Thanks', '/thanks', '/thanks', NULL,
     x'00000000000000000000000000000a01', 'Thank you', NULL, 'resolved', '["Refund"]', 'agent',
     x'00000000000000000000000000000a01', 3, 2000, 1000, 2000);
