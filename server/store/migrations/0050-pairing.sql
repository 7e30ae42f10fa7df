-- Invitations of the owner, each for one device. Of ticket and code only the SHA-256 is here; the key itself is
-- made at the moment the device fetches it, so it is never here at all.
CREATE TABLE pairings (
  id               TEXT    NOT NULL PRIMARY KEY,
  ticket_hash      BLOB    NOT NULL UNIQUE CHECK (length(ticket_hash) = 32),
  code_hash        BLOB    NOT NULL UNIQUE CHECK (length(code_hash) = 32),
  -- What the key will be: set by the owner, never by who redeems.
  preset           TEXT    NOT NULL CHECK (preset IN ('teammate', 'script', 'guest')),
  policy           TEXT    NOT NULL CHECK (json_valid(policy)),
  auto_approve     INTEGER NOT NULL CHECK (auto_approve IN (0, 1)),
  created_ms       INTEGER NOT NULL,
  expires_ms       INTEGER NOT NULL,
  -- The device that asks: the first to redeem, and the only one ever.
  join_device      TEXT,
  join_ip          TEXT,
  join_client      TEXT,
  join_via         TEXT    CHECK (join_via IN ('ticket', 'code')),
  join_ms          INTEGER,
  match_code       TEXT,
  -- How it went on; at most one of used, denied and closed is ever set.
  approved_ms      INTEGER,
  used_ms          INTEGER,
  denied_ms        INTEGER,
  closed_ms        INTEGER,
  closed_by        TEXT    CHECK (closed_by IN ('owner', 'guessing')),
  key_id           TEXT    REFERENCES keys (id) ON DELETE SET NULL,
  tried_again_from TEXT
) STRICT;

-- What the list of devices shows.
ALTER TABLE keys ADD COLUMN preset TEXT CHECK (preset IN ('teammate', 'script', 'guest'));
ALTER TABLE keys ADD COLUMN paired_from TEXT;
ALTER TABLE keys ADD COLUMN last_host TEXT;
ALTER TABLE keys ADD COLUMN last_client TEXT;
ALTER TABLE keys ADD COLUMN last_plain INTEGER CHECK (last_plain IN (0, 1));
