-- Models that are being fetched, or were. Progress is kept here, the bytes in part files beside the models.
CREATE TABLE downloads (
  id       TEXT NOT NULL PRIMARY KEY,
  uri      TEXT NOT NULL UNIQUE,
  wish     TEXT NOT NULL CHECK (wish IN ('wanted', 'paused', 'cancelled', 'failed', 'ready')),
  reason   TEXT,
  files    TEXT CHECK (files IS NULL OR json_valid(files)),
  about    TEXT CHECK (about IS NULL OR json_valid(about)),
  added_ms INTEGER NOT NULL,
  ended_ms INTEGER
) STRICT;

-- Folders of GGUF files that the owner has added; used in place.
CREATE TABLE model_folders (
  path     TEXT NOT NULL PRIMARY KEY,
  added_ms INTEGER NOT NULL
) STRICT;

-- What an added file is called where its own name says nothing: Ollama's files are named by their content.
ALTER TABLE model_files ADD COLUMN name TEXT;
