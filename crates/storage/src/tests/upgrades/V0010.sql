-- What V0010 added.
INSERT INTO automations VALUES
    (x'00000000000000000000000000007001', 0, 'Tag refunds', 'message_received', NULL,
     '{"match":"all","rules":[{"field":"subject","operator":"contains","value":"refund"}]}',
     '[{"type":"add_tag","tag":"refund"}]', 1, NULL, 3, 2, 1, 0, 2000, 'broken', NULL, 1000, 2000, NULL);
INSERT INTO automations_version VALUES (1, x'00000000000000000000000000007002');
INSERT INTO automation_runs VALUES
    (1, x'00000000000000000000000000007001', 1, 'message_received', 'matched', 1, '{}', 2000);
INSERT INTO automation_looks VALUES (1, '{}', 2000);
INSERT INTO automation_firings VALUES (1, x'00000000000000000000000000007001', 1100);
INSERT INTO automatic_replies VALUES (x'00000000000000000000000000000d01', 1500);
