-- The ids of jobs, taken in blocks by each process.
CREATE SEQUENCE job_id AS bigint MINVALUE 1;

-- Jobs that are available, running or quarantined. A finished job moves to `finished_jobs`, so that this table stays as
-- small as the work that is left, however long it is kept.
CREATE TABLE jobs (
    id            bigint NOT NULL PRIMARY KEY,
    queue         text   NOT NULL,
    kind          text   NOT NULL,
    exclusive_key text,
    payload       text   NOT NULL,
    state         text   NOT NULL CHECK (state IN ('available', 'running', 'quarantined')),
    attempts      bigint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    max_attempts  bigint NOT NULL CHECK (max_attempts >= 1),
    run_at        bigint NOT NULL,
    created_at    bigint NOT NULL,
    ended_at      bigint,
    last_error    text,
    fence         bigint NOT NULL DEFAULT 0,
    worker        text,
    expires_at    bigint,
    CHECK ((state = 'running') = (worker IS NOT NULL)),
    CHECK ((state = 'running') = (expires_at IS NOT NULL)),
    CHECK ((state = 'quarantined') = (ended_at IS NOT NULL))
) WITH (
    -- Each row is rewritten several times and then deleted: vacuum by number of dead rows, not by a share of the table.
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0
);

CREATE INDEX jobs_leased ON jobs (expires_at) WHERE state = 'running';
CREATE INDEX jobs_quarantined ON jobs (queue, id) WHERE state = 'quarantined';

CREATE TABLE finished_jobs (
    id            bigint NOT NULL PRIMARY KEY,
    queue         text   NOT NULL,
    kind          text   NOT NULL,
    exclusive_key text,
    payload       text   NOT NULL,
    state         text   NOT NULL CHECK (state IN ('completed', 'discarded')),
    attempts      bigint NOT NULL,
    max_attempts  bigint NOT NULL,
    run_at        bigint NOT NULL,
    created_at    bigint NOT NULL,
    ended_at      bigint NOT NULL,
    last_error    text,
    -- Tells a worker whose settlement was not answered that it was written.
    fence         bigint NOT NULL
);

CREATE INDEX finished_jobs_by_end ON finished_jobs (ended_at);
