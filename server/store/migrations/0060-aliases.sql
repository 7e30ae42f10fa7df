-- Names that stand for a model. A model of NULL is the starter model, whichever the program brings along.
CREATE TABLE aliases (
  name     TEXT    NOT NULL PRIMARY KEY,
  model    TEXT,
  fallback TEXT    NOT NULL CHECK (json_valid(fallback)),
  built_in INTEGER NOT NULL CHECK (built_in IN (0, 1))
) STRICT, WITHOUT ROWID;

-- The four names that exist from the start: tools use them by role, whatever serves.
INSERT INTO aliases (name, model, fallback, built_in) VALUES
  ('office', NULL, '[]', 1),
  ('office-autocomplete', NULL, '[]', 1),
  ('office-code', NULL, '[]', 1),
  ('office-embed', NULL, '[]', 1);
