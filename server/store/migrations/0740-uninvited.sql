-- A device may ask to be let in without having been invited (RFC 8628); the owner is told so before saying yes.
ALTER TABLE pairings ADD COLUMN uninvited INTEGER NOT NULL DEFAULT 0 CHECK (uninvited IN (0, 1));
