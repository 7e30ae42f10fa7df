-- A key whose text was replaced: the one of before goes on for the same key until it ends by itself.
CREATE TABLE former_keys (
  -- SHA-256 of its text, as in `keys`.
  hash         BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
  key_id       TEXT    NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
  hint         TEXT    NOT NULL,
  replaced_ms  INTEGER NOT NULL,
  ends_ms      INTEGER NOT NULL,
  last_used_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX former_keys_key ON former_keys (key_id);

ALTER TABLE keys ADD COLUMN replaced_ms INTEGER;

-- An invitation may bring a device a new text for a key that it has.
ALTER TABLE pairings ADD COLUMN replaces TEXT REFERENCES keys (id) ON DELETE CASCADE;
ALTER TABLE pairings ADD COLUMN overlap_ms INTEGER;
