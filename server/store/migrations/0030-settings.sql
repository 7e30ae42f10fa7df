-- What the owner has set, as JSON; each reader knows the shape of its own.
CREATE TABLE settings (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

-- Model files the owner has added by path. They are used in place and never deleted by us.
CREATE TABLE model_files (
  path     TEXT    NOT NULL PRIMARY KEY,
  added_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
