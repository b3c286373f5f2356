-- What a line of the thread tells, for whoever shows it in another language; its text stays beside
-- it. Lines of before have their text alone.
ALTER TABLE messages ADD COLUMN event TEXT;
