-- One row per finished request, whatever its end. No prompt, no answer, no key.
CREATE TABLE requests (
  seq               INTEGER NOT NULL PRIMARY KEY,
  id                TEXT    NOT NULL UNIQUE,
  time_ms           INTEGER NOT NULL,
  key_name          TEXT,
  key_id            TEXT,
  person            TEXT,
  team              TEXT,
  end_user          TEXT,
  device            TEXT,
  model             TEXT,
  served_model      TEXT,
  engine            TEXT,
  route             TEXT    NOT NULL,
  status            TEXT    NOT NULL CHECK (status IN ('ok', 'error', 'cancelled', 'refused')),
  http_status       INTEGER NOT NULL,
  finish_reason     TEXT,
  error             TEXT,
  prompt_tokens     INTEGER NOT NULL,
  cached_tokens     INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  queue_ms          REAL    NOT NULL,
  load_ms           REAL    NOT NULL,
  first_token_ms    REAL,
  total_ms          REAL    NOT NULL,
  tried             TEXT    NOT NULL CHECK (json_valid(tried)),
  client            TEXT,
  ip                TEXT    NOT NULL
) STRICT;

-- SQLite ends every index with the rowid (seq), so these also order rows of the same millisecond.
CREATE INDEX requests_time ON requests (time_ms);
CREATE INDEX requests_key ON requests (key_id, time_ms);
-- Nearly every row is 'ok' and needs no index; the few others are what people look for.
CREATE INDEX requests_problems ON requests (status, time_ms) WHERE status <> 'ok';
