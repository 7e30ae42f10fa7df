-- Tracing has an end now. Keys that had been marked before anything was kept get one in 30 days.
UPDATE keys SET policy = json_set(policy, '$.traceUntilMs', (CAST(strftime('%s', 'now') AS INTEGER) + 30 * 86400) * 1000)
WHERE policy ->> '$.trace' = 1;
