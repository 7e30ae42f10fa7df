-- Tickets that let machines in without anybody being asked: for scripts, within a count, a time and a range of addresses.
CREATE TABLE join_tickets (
  id           TEXT    NOT NULL PRIMARY KEY,
  name         TEXT    NOT NULL,
  -- SHA-256, as of invitations.
  hash         BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
  -- What each key will be.
  policy       TEXT    NOT NULL CHECK (json_valid(policy)),
  most_uses    INTEGER NOT NULL CHECK (most_uses >= 1),
  uses         INTEGER NOT NULL DEFAULT 0 CHECK (uses <= most_uses),
  -- JSON: where it may be used from; NULL for everywhere.
  ips          TEXT    CHECK (ips IS NULL OR json_valid(ips)),
  created_ms   INTEGER NOT NULL,
  expires_ms   INTEGER NOT NULL,
  revoked_ms   INTEGER,
  last_used_ms INTEGER,
  -- The last address that was refused with it, and when.
  refused_from TEXT,
  refused_ms   INTEGER
) STRICT;

CREATE TABLE join_ticket_keys (
  ticket_id TEXT NOT NULL REFERENCES join_tickets (id) ON DELETE CASCADE,
  key_id    TEXT NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
  PRIMARY KEY (ticket_id, key_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX join_ticket_keys_key ON join_ticket_keys (key_id);
