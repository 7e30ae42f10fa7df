-- The one owner of this server; no row until the password has been set through the set-up link.
CREATE TABLE owner (
  id            INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  password_hash TEXT    NOT NULL,
  set_ms        INTEGER NOT NULL
) STRICT;

-- Signed-in browsers. Of the session's id only the SHA-256 is here.
CREATE TABLE sessions (
  hash         BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
  created_ms   INTEGER NOT NULL,
  last_used_ms INTEGER NOT NULL,
  ip           TEXT    NOT NULL,
  client       TEXT
) STRICT, WITHOUT ROWID;
