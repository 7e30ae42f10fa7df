-- What the owner has set for a key: labels, addresses, priority, tracing, limits. Read into memory, never searched.
ALTER TABLE keys ADD COLUMN policy TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(policy));
ALTER TABLE keys ADD COLUMN paused_ms INTEGER;
