-- The names that other job queues use.
ALTER TABLE jobs RENAME COLUMN lane TO exclusive_key;
ALTER TABLE jobs RENAME COLUMN share TO fairness_key;

DROP INDEX jobs_one_live_in_a_lane;
CREATE UNIQUE INDEX jobs_one_live_per_exclusive_key ON jobs (exclusive_key)
    WHERE exclusive_key IS NOT NULL AND state IN ('available', 'running');
DROP INDEX jobs_given_up_in_a_lane;
CREATE INDEX jobs_quarantined_by_exclusive_key ON jobs (exclusive_key)
    WHERE exclusive_key IS NOT NULL AND state = 'quarantined';
DROP INDEX jobs_of_share;
CREATE INDEX jobs_by_fairness_key ON jobs (queue, fairness_key, place)
    WHERE place IS NOT NULL AND fairness_key IS NOT NULL;
