CREATE TABLE queues (
    name      text   NOT NULL PRIMARY KEY CHECK (length(name) > 0),
    paused_at bigint
) WITH (fillfactor = 50);

ALTER TABLE jobs ADD COLUMN fairness_key text;
ALTER TABLE finished_jobs ADD COLUMN fairness_key text;
