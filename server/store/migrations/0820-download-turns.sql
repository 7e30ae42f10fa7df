-- In which order downloads have their turns (null: after those that have a place, as they were asked for), and how often
-- each was tried since the owner last asked for it.
ALTER TABLE downloads ADD COLUMN place INTEGER;
ALTER TABLE downloads ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
