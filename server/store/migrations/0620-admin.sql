-- The owner's second step of signing in: codes of an authenticator app (RFC 6238). No row while it is off. The secret
-- is encrypted with the one in the file `server.key` of the data folder.
CREATE TABLE owner_totp (
  id            INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  sealed_secret BLOB    NOT NULL,
  begun_ms      INTEGER NOT NULL,
  -- Counts only from here on: null until a first code has shown that the app has the secret.
  confirmed_ms  INTEGER,
  -- The step of the newest code that was taken; no code of it or of an earlier one is taken again.
  last_step     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What signs in once in place of a code. Of the words themselves only the SHA-256 is here.
CREATE TABLE recovery_codes (
  hash    BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
  used_ms INTEGER
) STRICT, WITHOUT ROWID;

-- What opens the admin API to the owner's scripts on other computers; each has an end. Shown once, kept as SHA-256.
CREATE TABLE admin_tokens (
  id           TEXT    NOT NULL PRIMARY KEY,
  name         TEXT    NOT NULL,
  hash         BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
  hint         TEXT    NOT NULL,
  created_ms   INTEGER NOT NULL,
  expires_ms   INTEGER NOT NULL,
  revoked_ms   INTEGER,
  last_used_ms INTEGER,
  last_ip      TEXT
) STRICT;

-- A name is free again once its token is revoked; the audit tells them apart by time.
CREATE UNIQUE INDEX admin_tokens_name ON admin_tokens (name) WHERE revoked_ms IS NULL;
