-- What the compatibility check of a model has found: the last whole one of each.
CREATE TABLE model_checks (
  engine         TEXT    NOT NULL,
  model          TEXT    NOT NULL,
  -- Of the engine when it was checked; NULL where it does not tell.
  engine_version TEXT,
  -- JSON: what the result rests on, by kind; another value of any of them makes it stale.
  basis          TEXT    NOT NULL,
  context_tokens INTEGER,
  slots          INTEGER,
  -- JSON, one for each point.
  verdicts       TEXT    NOT NULL,
  checked_ms     INTEGER NOT NULL,
  took_ms        INTEGER NOT NULL,
  PRIMARY KEY (engine, model)
) STRICT, WITHOUT ROWID;
