-- Where the log of requests goes besides: other people's databases and dashboards. One row for each.
CREATE TABLE exports (
  name            TEXT    NOT NULL PRIMARY KEY,
  kind            TEXT    NOT NULL CHECK (kind IN ('postgres', 'otlp', 'langfuse')),
  -- Without a password.
  url             TEXT    NOT NULL,
  -- Whether it may lie outside the office.
  may_leave       INTEGER NOT NULL CHECK (may_leave IN (0, 1)),
  -- Whether it is told who asked.
  people          INTEGER NOT NULL CHECK (people IN (0, 1)),
  -- Whether it is given what was said in requests that are traced.
  prompts         INTEGER NOT NULL CHECK (prompts IN (0, 1)),
  -- Password, keys or headers, encrypted with the secret in the file `server.key` of the data folder.
  sealed_secret   BLOB,
  -- `requests.seq` of the last row that has arrived there.
  cursor          INTEGER NOT NULL,
  sent            INTEGER NOT NULL,
  -- Rows that the receiver will never take; they were passed over.
  skipped         INTEGER NOT NULL,
  last_success_ms INTEGER,
  last_failure_ms INTEGER,
  -- In a sentence for the owner.
  last_failure    TEXT,
  created_ms      INTEGER NOT NULL
) STRICT;
