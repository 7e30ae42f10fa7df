-- What was done with this server's powers, by whom, from where. Each row's hash covers the row and the hash before it
-- (server/store/audit-chain.ts), so that nothing can be changed or taken out without a trace. No secret, no prompt.
CREATE TABLE audit (
  seq     INTEGER NOT NULL PRIMARY KEY,
  time_ms INTEGER NOT NULL,
  actor   TEXT    NOT NULL CHECK (actor IN ('owner', 'device', 'server', 'stranger')),
  via     TEXT    CHECK (via IN ('password', 'window', 'token', 'pairing')),
  ip      TEXT,
  client  TEXT,
  act     TEXT    NOT NULL,
  object  TEXT,
  outcome TEXT    NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
  code    TEXT,
  details TEXT    NOT NULL CHECK (json_valid(details)),
  hash    BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX audit_time ON audit (time_ms);

-- The newest row once more, signed with the secret in `server.key`: who takes rows off the end cannot sign the new end.
CREATE TABLE audit_head (
  id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  seq  INTEGER NOT NULL,
  hash BLOB    NOT NULL CHECK (length(hash) = 32),
  mac  BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT;
INSERT INTO audit_head VALUES (1, 0, zeroblob(32), zeroblob(32));

-- Where old rows were deleted on purpose: the chain goes on from the last of them, signed like the head.
CREATE TABLE audit_checkpoints (
  through_seq INTEGER NOT NULL PRIMARY KEY,
  hash        BLOB    NOT NULL CHECK (length(hash) = 32),
  rows        INTEGER NOT NULL,
  time_ms     INTEGER NOT NULL,
  mac         BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT;

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

-- REPLACE deletes without asking the trigger below, hence this one.
CREATE TRIGGER audit_only_appends BEFORE INSERT ON audit
WHEN NEW.seq <> (SELECT seq + 1 FROM audit_head)
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TRIGGER audit_never_forgets BEFORE DELETE ON audit
WHEN OLD.seq > coalesce((SELECT max(through_seq) FROM audit_checkpoints), 0)
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TRIGGER audit_head_goes_on BEFORE UPDATE ON audit_head
WHEN NEW.seq <> OLD.seq + 1 OR NEW.id <> OLD.id
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TRIGGER audit_head_is_one BEFORE INSERT ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TRIGGER audit_checkpoints_stay BEFORE DELETE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TRIGGER audit_checkpoints_never_change BEFORE UPDATE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TRIGGER audit_checkpoints_go_on BEFORE INSERT ON audit_checkpoints
WHEN NEW.through_seq <= coalesce((SELECT max(through_seq) FROM audit_checkpoints), 0)
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
