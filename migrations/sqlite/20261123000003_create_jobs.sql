-- The queue. A fence only ever rises, and ids are never given out twice, so a lease names one claim for ever.
CREATE TABLE jobs (
    id           INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    queue        TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    lane         TEXT,
    payload      TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('available', 'running', 'completed', 'quarantined', 'discarded')),
    attempts     INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    max_attempts INTEGER NOT NULL CHECK (max_attempts >= 1),
    run_at       INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    ended_at     INTEGER,
    last_error   TEXT,
    fence        INTEGER NOT NULL DEFAULT 0,
    worker       TEXT,
    expires_at   INTEGER,
    CHECK ((state = 'running') = (worker IS NOT NULL)),
    CHECK ((state = 'running') = (expires_at IS NOT NULL)),
    CHECK ((state IN ('completed', 'quarantined', 'discarded')) = (ended_at IS NOT NULL))
) STRICT;

CREATE INDEX jobs_ready ON jobs (queue, run_at, id) WHERE state = 'available';
CREATE UNIQUE INDEX jobs_one_live_in_a_lane ON jobs (lane) WHERE lane IS NOT NULL AND state IN ('available', 'running');
CREATE INDEX jobs_leased ON jobs (expires_at) WHERE state = 'running';
CREATE INDEX jobs_finished ON jobs (ended_at) WHERE state IN ('completed', 'discarded');
CREATE INDEX jobs_quarantined ON jobs (queue, id) WHERE state = 'quarantined';

