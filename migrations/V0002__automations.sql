-- Automations: business hours, rules, what they did, and the timers they wait on.

-- ── When the desk is open ───────────────────────────────────────────────────────────────────────

-- The hours of each weekday; NULL is always open.
ALTER TABLE workspace ADD COLUMN business_hours TEXT;
ALTER TABLE workspace ADD COLUMN holidays TEXT NOT NULL DEFAULT '[]';
