-- API keys. Of the key itself only the SHA-256 is here; revoked keys stay, so that the log can name them.
CREATE TABLE keys (
  id           TEXT    NOT NULL PRIMARY KEY,
  name         TEXT    NOT NULL,
  hash         BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
  hint         TEXT    NOT NULL,
  person       TEXT,
  team         TEXT,
  device       TEXT,
  models       TEXT    CHECK (models IS NULL OR json_valid(models)),
  role         TEXT    NOT NULL CHECK (role IN ('inference', 'ops')),
  created_ms   INTEGER NOT NULL,
  expires_ms   INTEGER,
  revoked_ms   INTEGER,
  last_used_ms INTEGER,
  last_ip      TEXT
) STRICT;

-- A name may be used again once its key is revoked.
CREATE UNIQUE INDEX keys_active_name ON keys (name) WHERE revoked_ms IS NULL;
CREATE INDEX keys_name ON keys (name);
