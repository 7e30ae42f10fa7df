-- Why requests were not answered, and how fast answers were written, become part of the sums. What was summed up before
-- tells neither: its groups have no kind of failure (''), its sums no speeds (null).

-- The table anew, since what makes a group one of its kind is part of it. Ids stay what they were.
ALTER TABLE request_groups RENAME TO request_groups_before;

-- What requests are summed up by; 0 is none. `failure`: of server/wire/failures.ts; '' for an answer.
CREATE TABLE request_groups (
  id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  asker       INTEGER NOT NULL,
  asked       INTEGER NOT NULL,
  model       INTEGER NOT NULL,
  engine      INTEGER NOT NULL,
  left_office INTEGER NOT NULL,
  status      TEXT    NOT NULL CHECK (status IN ('ok', 'error', 'cancelled', 'refused')),
  cache_hit   INTEGER NOT NULL CHECK (cache_hit IN (0, 1)),
  failure     TEXT    NOT NULL,
  UNIQUE (asker, asked, model, engine, left_office, status, cache_hit, failure)
) STRICT;

INSERT INTO request_groups
SELECT id, asker, asked, model, engine, left_office, status, cache_hit, '' FROM request_groups_before;

-- Ids are never used again, so that what is remembered of them never becomes wrong.
DELETE FROM sqlite_sequence WHERE name = 'request_groups';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'request_groups', seq FROM sqlite_sequence WHERE name = 'request_groups_before';
DROP TABLE request_groups_before;

-- How fast whole answers were written after their first token, in tokens per 1000 s: server/core/histogram.ts.
ALTER TABLE rollups ADD COLUMN speeds BLOB;
