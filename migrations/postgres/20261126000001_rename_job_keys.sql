-- The columns have had these names from the beginning.
CREATE UNIQUE INDEX jobs_one_live_per_exclusive_key ON jobs (exclusive_key)
    WHERE exclusive_key IS NOT NULL AND state IN ('available', 'running');
CREATE INDEX jobs_quarantined_by_exclusive_key ON jobs (exclusive_key)
    WHERE exclusive_key IS NOT NULL AND state = 'quarantined';
