-- Fair share. A due job has a place in its queue: one more than the last of its share that waits there, and than the
-- virtual time of the queue, which is the place of the job claimed last. A job that is not due has none, and gets one
-- when it is enqueued or by the first claim after its time has come.
ALTER TABLE jobs ADD COLUMN place INTEGER CHECK (place IS NULL OR state = 'available');
ALTER TABLE queues ADD COLUMN virtual_time INTEGER NOT NULL DEFAULT 0;

DROP INDEX jobs_ready;
CREATE INDEX jobs_in_turn ON jobs (queue, place, run_at) WHERE place IS NOT NULL;
CREATE INDEX jobs_of_share ON jobs (queue, share, place) WHERE place IS NOT NULL AND share IS NOT NULL;
CREATE INDEX jobs_waiting ON jobs (queue, run_at) WHERE state = 'available' AND place IS NULL;
