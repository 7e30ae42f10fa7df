-- The log of requests in a form that stays small and fast at ten million rows: texts that come again and again are kept
-- once, and what the usage screens show is summed up while it is written. docs/decisions/2026-11-23-ledger.md says why so.

-- Texts, each once. Ids are never used again, so that what is remembered of them never becomes wrong.
CREATE TABLE texts (
  id   INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  text TEXT    NOT NULL UNIQUE
) STRICT;

-- Who asked, as the key was at that time: [key id, key name, person, team, device, labels]. What sums are split by is
-- stored: reading it from the JSON for each of 100,000 sums took longer than adding them up.
CREATE TABLE askers (
  id       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  who      TEXT    NOT NULL UNIQUE CHECK (json_valid(who)),
  key_id   TEXT    GENERATED ALWAYS AS (who ->> '$[0]') STORED,
  key_name TEXT    GENERATED ALWAYS AS (who ->> '$[1]') STORED,
  person   TEXT    GENERATED ALWAYS AS (who ->> '$[2]') STORED,
  team     TEXT    GENERATED ALWAYS AS (who ->> '$[3]') STORED
) STRICT;

-- What requests are summed up by; 0 is none. `asked`: the name the client used, where it led to a model. `model`: what
-- served, or was tried last. `left_office`: the engine outside the office that it was sent to. `cache_hit`: answered from
-- the response cache.
CREATE TABLE request_groups (
  id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  asker       INTEGER NOT NULL,
  asked       INTEGER NOT NULL,
  model       INTEGER NOT NULL,
  engine      INTEGER NOT NULL,
  left_office INTEGER NOT NULL,
  status      TEXT    NOT NULL CHECK (status IN ('ok', 'error', 'cancelled', 'refused')),
  cache_hit   INTEGER NOT NULL CHECK (cache_hit IN (0, 1)),
  UNIQUE (asker, asked, model, engine, left_office, status, cache_hit)
) STRICT;

DROP INDEX requests_time;
DROP INDEX requests_key;
DROP INDEX requests_problems;
DROP INDEX requests_left_office;
ALTER TABLE requests RENAME TO requests_before;

-- One row per finished request, in the order in which they ended. No prompt, no answer, no key. Columns of type ANY hold
-- the id of a text, or the text itself. Durations are in tenths of a millisecond.
CREATE TABLE requests (
  seq               INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  -- When it came.
  time_ms           INTEGER NOT NULL,
  -- Ten bytes: what follows the time in an id that tells its time. Text: any other id.
  id                ANY     NOT NULL,
  group_id          INTEGER NOT NULL,
  -- The name the client used, where it led to no model.
  asked             ANY,
  -- [served model, tried models]; null where the group's model was tried, and served.
  way               ANY,
  route             ANY     NOT NULL,
  http_status       INTEGER NOT NULL,
  finish_reason     ANY,
  error             ANY,
  prompt_tokens     INTEGER NOT NULL,
  cached_tokens     INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  -- Billionths of the office's currency; null where nothing has a price.
  cost_nanos        INTEGER,
  queue             INTEGER NOT NULL,
  load              INTEGER NOT NULL,
  first_token       INTEGER,
  total             INTEGER NOT NULL,
  -- Requests that were being answered when it came, itself among them; 0 where it is not known.
  at_once           INTEGER NOT NULL,
  dropped           ANY,
  client            ANY,
  client_request_id TEXT,
  ip                ANY     NOT NULL,
  end_user          ANY,
  -- 1: an answer of before, from the response cache; 0: a new one; null: the cache was off for the key.
  cache             INTEGER
) STRICT;

-- Sums by time. `level` 0, 1, 2: quarter-hours, hours and days of UTC, each group for itself; 3, 4, 5: the same for all
-- requests together, by status, left_office and cache_hit; 6, 7, 8: by model and engine, too; 9: months of UTC, each group
-- for itself. `start` counts such times since 1970.
-- Histograms: server/core/histogram.ts.
CREATE TABLE rollups (
  level             INTEGER NOT NULL,
  start             INTEGER NOT NULL,
  group_id          INTEGER NOT NULL,
  requests          INTEGER NOT NULL,
  prompt_tokens     INTEGER NOT NULL,
  cached_tokens     INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  cost_nanos        INTEGER NOT NULL,
  queue             INTEGER NOT NULL,
  load              INTEGER NOT NULL,
  total             INTEGER NOT NULL,
  most_at_once      INTEGER NOT NULL,
  first_tokens      BLOB,
  totals            BLOB,
  PRIMARY KEY (level, start, group_id)
) STRICT, WITHOUT ROWID;

-- Requests without a valid key beyond those that get a row of their own, by quarter-hour of UTC.
CREATE TABLE turned_away (
  start    INTEGER NOT NULL PRIMARY KEY,
  requests INTEGER NOT NULL
) STRICT;

-- The rows there are. Sums are made from them when the store is opened.
INSERT INTO texts (text)
SELECT text FROM (
  SELECT model AS text FROM requests_before UNION SELECT served_model FROM requests_before
  UNION SELECT engine FROM requests_before UNION SELECT left_office FROM requests_before
  UNION SELECT route FROM requests_before UNION SELECT finish_reason FROM requests_before
  UNION SELECT client FROM requests_before UNION SELECT ip FROM requests_before
  UNION SELECT json_extract(tried, '$[#-1]') FROM requests_before
) WHERE text IS NOT NULL;

INSERT INTO askers (who)
SELECT DISTINCT json_array(key_id, key_name, person, team, device, json('{}')) FROM requests_before;

-- Every column by its table: askers has some of the same names.
CREATE TEMP TABLE ledger_move AS
SELECT b.seq,
  (SELECT a.id FROM askers AS a
     WHERE a.who = json_array(b.key_id, b.key_name, b.person, b.team, b.device, json('{}'))) AS asker,
  CASE WHEN json_array_length(b.tried) = 0 AND b.served_model IS NULL THEN 0
    ELSE coalesce((SELECT t.id FROM texts AS t WHERE t.text = b.model), 0) END AS asked,
  coalesce((SELECT t.id FROM texts AS t
     WHERE t.text = coalesce(b.served_model, json_extract(b.tried, '$[#-1]'))), 0) AS model,
  coalesce((SELECT t.id FROM texts AS t WHERE t.text = b.engine), 0) AS engine,
  coalesce((SELECT t.id FROM texts AS t WHERE t.text = b.left_office), 0) AS left_office,
  b.status, b.cache IS 'hit' AS cache_hit
FROM requests_before AS b;

INSERT INTO request_groups (asker, asked, model, engine, left_office, status, cache_hit)
SELECT DISTINCT asker, asked, model, engine, left_office, status, cache_hit FROM ledger_move;

INSERT INTO requests
SELECT b.seq, b.time_ms, b.id,
  (SELECT g.id FROM request_groups AS g WHERE g.asker = m.asker AND g.asked = m.asked AND g.model = m.model
     AND g.engine = m.engine AND g.left_office = m.left_office AND g.status = m.status AND g.cache_hit = m.cache_hit),
  CASE WHEN m.asked = 0 THEN (SELECT id FROM texts WHERE text = b.model) END,
  CASE WHEN b.served_model IS NOT NULL AND b.tried = json_array(b.served_model) THEN NULL
    WHEN b.served_model IS NULL AND b.tried = '[]' THEN NULL
    ELSE json_array(b.served_model, json(b.tried)) END,
  (SELECT id FROM texts WHERE text = b.route), b.http_status, (SELECT id FROM texts WHERE text = b.finish_reason), b.error,
  b.prompt_tokens, b.cached_tokens, b.completion_tokens, b.cost_nanos,
  CAST(round(b.queue_ms * 10) AS INTEGER), CAST(round(b.load_ms * 10) AS INTEGER),
  CAST(round(b.first_token_ms * 10) AS INTEGER), CAST(round(b.total_ms * 10) AS INTEGER), 0,
  CASE WHEN b.dropped <> '[]' THEN b.dropped END, (SELECT id FROM texts WHERE text = b.client), b.client_request_id,
  (SELECT id FROM texts WHERE text = b.ip), b.end_user,
  CASE b.cache WHEN 'hit' THEN 1 WHEN 'miss' THEN 0 END
FROM requests_before AS b JOIN ledger_move AS m ON m.seq = b.seq ORDER BY b.seq;

DROP TABLE ledger_move;
DROP TABLE requests_before;

-- SQLite ends every index with the rowid (seq), so these also order rows of the same millisecond.
CREATE INDEX requests_time ON requests (time_ms);
CREATE INDEX requests_group ON requests (group_id, time_ms);
CREATE UNIQUE INDEX requests_other_id ON requests (id) WHERE typeof(id) = 'text';
