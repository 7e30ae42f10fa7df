-- The engine outside the office that a request was sent to, whether or not its answer came from there; null if it stayed.
ALTER TABLE requests ADD COLUMN left_office TEXT;
CREATE INDEX requests_left_office ON requests (time_ms) WHERE left_office IS NOT NULL;
