-- Other people's servers that answer for us. `sealed_key` is encrypted with the secret in the file `server.key` of the
-- data folder: who copies this database alone has no key of anybody's.
CREATE TABLE upstreams (
  id             TEXT    NOT NULL PRIMARY KEY,
  name           TEXT    NOT NULL UNIQUE,
  kind           TEXT    NOT NULL CHECK (kind IN ('openai', 'vllm', 'llama-server', 'lmstudio', 'inglenook', 'ollama')),
  url            TEXT    NOT NULL,
  -- Whether requests that go there may leave the office.
  may_leave      INTEGER NOT NULL CHECK (may_leave IN (0, 1)),
  slots          INTEGER CHECK (slots > 0),
  -- Null: what is usual for its kind; empty: none.
  routing_header TEXT,
  context_tokens INTEGER CHECK (context_tokens > 0),
  sealed_key     BLOB,
  -- What it told of its models the last time it could be asked.
  known          TEXT    CHECK (json_valid(known)),
  created_ms     INTEGER NOT NULL
) STRICT;
