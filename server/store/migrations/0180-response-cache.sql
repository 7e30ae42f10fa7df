-- Whether the answer was one of before (the response cache): null where the cache was off for the key.
ALTER TABLE requests ADD COLUMN cache TEXT CHECK (cache IN ('hit', 'miss'));
