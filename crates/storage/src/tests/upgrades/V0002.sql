-- What V0002 added to V0001.
UPDATE workspace SET business_hours = '{}', holidays = '["2026-12-25"]';
