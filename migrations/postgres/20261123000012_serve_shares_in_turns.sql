ALTER TABLE jobs ADD COLUMN place bigint CHECK (place IS NULL OR state = 'available');
ALTER TABLE queues ADD COLUMN virtual_time bigint NOT NULL DEFAULT 0;

-- Claims go by place, then run_at, then id. Without the id in the index, a claim among many equal places reads them all.
CREATE INDEX jobs_in_turn ON jobs (queue, place, run_at, id) WHERE place IS NOT NULL;
CREATE INDEX jobs_by_fairness_key ON jobs (queue, fairness_key, place)
    WHERE place IS NOT NULL AND fairness_key IS NOT NULL;
CREATE INDEX jobs_waiting ON jobs (queue, run_at, id) WHERE state = 'available' AND place IS NULL;
