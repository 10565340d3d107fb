CREATE INDEX finished_jobs_discarded ON finished_jobs (queue, id) WHERE state = 'discarded';
