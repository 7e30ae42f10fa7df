-- Who shares the work of a name ([{model, weight}], empty for its model alone), and what is asked for where the client
-- has not said ({temperature, topP, maxTokens, reasoningEffort, systemPrompt}, only what is set).
ALTER TABLE aliases ADD COLUMN shares TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(shares));
ALTER TABLE aliases ADD COLUMN settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings));

-- Names that were asked for and that nobody has defined, so that the owner can point them at something.
CREATE TABLE unknown_names (
  name        TEXT    NOT NULL PRIMARY KEY,
  requests    INTEGER NOT NULL,
  first_ms    INTEGER NOT NULL,
  last_ms     INTEGER NOT NULL,
  last_key_id TEXT    REFERENCES keys (id) ON DELETE SET NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unknown_names_last ON unknown_names (last_ms);
