-- What was asked for and not done, as `x-inglenook-dropped` named it; and the id the client gave the request itself.
ALTER TABLE requests ADD COLUMN dropped TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(dropped));
ALTER TABLE requests ADD COLUMN client_request_id TEXT;
