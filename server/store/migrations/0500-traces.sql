-- Prompts and answers of keys that the owner has chosen to keep (traced), masked before they come here, and words of
-- them to search by. docs/decisions/2026-11-23-tracing.md says why so. No backup copies this table.
CREATE TABLE traces (
  seq          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  request_id   TEXT    NOT NULL UNIQUE,
  time_ms      INTEGER NOT NULL,
  key_id       TEXT    NOT NULL,
  key_name     TEXT    NOT NULL,
  person       TEXT,
  model        TEXT,
  served_model TEXT,
  status       TEXT    NOT NULL CHECK (status IN ('ok', 'error', 'cancelled', 'refused')),
  -- Whether this key was traced, or the office's policy kept everybody's.
  why          TEXT    NOT NULL CHECK (why IN ('key', 'office')),
  -- Lists of pieces: server/core/trace.ts.
  asked        TEXT    NOT NULL CHECK (json_valid(asked)),
  left_out     INTEGER NOT NULL,
  answered     TEXT    NOT NULL CHECK (json_valid(answered)),
  masked       INTEGER NOT NULL,
  -- Length of both lists, so that sums need not read them.
  size         INTEGER NOT NULL
) STRICT;
CREATE INDEX traces_time ON traces (time_ms);
CREATE INDEX traces_key ON traces (key_id);
CREATE INDEX traces_person ON traces (person);

-- The texts alone, one column for what was asked and one for what was answered.
CREATE VIEW trace_texts AS
SELECT seq,
  (SELECT group_concat(value ->> 'text', char(10)) FROM json_each(asked)) AS asked,
  (SELECT group_concat(value ->> 'text', char(10)) FROM json_each(answered)) AS answered
FROM traces;

CREATE VIRTUAL TABLE trace_words USING fts5 (
  asked, answered, content = 'trace_texts', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2'
);
-- What is deleted leaves no word behind in the index.
INSERT INTO trace_words (trace_words, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER traces_added AFTER INSERT ON traces
BEGIN
  INSERT INTO trace_words (rowid, asked, answered) SELECT seq, asked, answered FROM trace_texts WHERE seq = NEW.seq;
END;

CREATE TRIGGER traces_removed BEFORE DELETE ON traces
BEGIN
  INSERT INTO trace_words (trace_words, rowid, asked, answered)
  SELECT 'delete', seq, asked, answered FROM trace_texts WHERE seq = OLD.seq;
END;

CREATE TRIGGER traces_stay_as_written BEFORE UPDATE OF seq, asked, answered ON traces
BEGIN SELECT RAISE(ABORT, 'what was kept is not changed'); END;

-- Keys that had been marked before anything was kept: they get an end, as every tracing has one.
UPDATE keys SET policy = json_set(policy, '$.traceUntilMs', (CAST(strftime('%s', 'now') AS INTEGER) + 30 * 86400) * 1000)
WHERE policy ->> '$.trace' = 1;
