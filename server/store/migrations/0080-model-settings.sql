-- What the owner has set for a model, by its id. NULL is the usual; a model without a row has all the usual.
CREATE TABLE model_settings (
  model              TEXT    NOT NULL PRIMARY KEY,
  pinned             INTEGER NOT NULL CHECK (pinned IN (0, 1)),
  preload            INTEGER NOT NULL CHECK (preload IN (0, 1)),
  keep_alive_minutes REAL    CHECK (keep_alive_minutes >= 0),
  slots              INTEGER CHECK (slots >= 1),
  context_tokens     INTEGER CHECK (context_tokens >= 1)
) STRICT, WITHOUT ROWID;
