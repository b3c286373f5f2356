-- What V0009 added.
INSERT INTO inbound_people VALUES ('cora@mail.test', 2, 1);
INSERT INTO message_people VALUES ('dan@mail.test', 1);
INSERT INTO erased_addresses VALUES (x'00000000000000000000000000000d02', 'gone@mail.test', 1, 1);
