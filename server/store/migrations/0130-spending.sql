-- What each account (a key, a key's share of a model, a team) has spent, written with the request's row. Money is in
-- billionths of the office's currency. A period that has ended is begun anew by who reads it.
CREATE TABLE spending (
  account      TEXT    NOT NULL PRIMARY KEY,
  day_tokens   INTEGER NOT NULL,
  day_nanos    INTEGER NOT NULL,
  day_end_ms   INTEGER NOT NULL,
  week_tokens  INTEGER NOT NULL,
  week_nanos   INTEGER NOT NULL,
  week_end_ms  INTEGER NOT NULL,
  month_tokens INTEGER NOT NULL,
  month_nanos  INTEGER NOT NULL,
  month_end_ms INTEGER NOT NULL,
  total_tokens INTEGER NOT NULL,
  total_nanos  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Per million tokens, in the office's currency; '*' is for every model that has no price of its own.
CREATE TABLE prices (
  model      TEXT    NOT NULL PRIMARY KEY,
  input      REAL    NOT NULL CHECK (input >= 0),
  output     REAL    NOT NULL CHECK (output >= 0),
  -- 1: nobody is paid; it is what the same would cost elsewhere.
  notional   INTEGER NOT NULL CHECK (notional IN (0, 1))
) STRICT, WITHOUT ROWID;
