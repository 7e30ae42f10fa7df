-- Responses that clients may ask for again (`store`), encrypted with a key that is not in this file: it is derived from
-- the API key that the client shows. No log, export or backup copies this table.
CREATE TABLE responses (
  id         TEXT    NOT NULL PRIMARY KEY,
  key_id     TEXT    NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
  created_ms INTEGER NOT NULL,
  -- Length of `sealed`, so that sums need not read it.
  bytes      INTEGER NOT NULL,
  sealed     BLOB    NOT NULL
) STRICT;
CREATE INDEX responses_key ON responses (key_id, created_ms);
CREATE INDEX responses_created ON responses (created_ms);
