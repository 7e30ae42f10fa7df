-- Limits that the keys of a team share. A team without a row has none; keys name theirs in keys.team.
CREATE TABLE teams (
  name       TEXT    NOT NULL PRIMARY KEY,
  limits     TEXT    NOT NULL CHECK (json_valid(limits)),
  created_ms INTEGER NOT NULL,
  paused_ms  INTEGER
) STRICT, WITHOUT ROWID;
