-- Discarded jobs are few, and operators look for them among very many completed ones.
CREATE INDEX jobs_discarded ON jobs (queue, id) WHERE state = 'discarded';
