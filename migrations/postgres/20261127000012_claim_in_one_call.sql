-- Claims the next jobs of a queue, unless it is paused. Jobs that became due get their places first, the earliest first, at
-- most as many as the claim wants or 256. Claims beside this one skip what it has locked, so they never share a job.
CREATE FUNCTION docket_claim_v1(of_queue text, by_worker text, at_most int, at bigint, until bigint)
RETURNS TABLE (id bigint, queue text, kind text, exclusive_key text, fairness_key text, payload text, attempts bigint,
               max_attempts bigint, run_at bigint, created_at bigint, last_error text, fence bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    reached bigint;
    virtual bigint;
    ids     bigint[];
BEGIN
    IF EXISTS (SELECT 1 FROM queues WHERE name = of_queue AND paused_at IS NOT NULL) THEN RETURN; END IF;
    SELECT coalesce((SELECT virtual_time FROM queues WHERE name = of_queue), 0) INTO virtual;
    WITH due AS MATERIALIZED (
        SELECT j.id, j.fairness_key, j.run_at FROM jobs AS j
        WHERE j.queue = of_queue AND j.state = 'available' AND j.place IS NULL AND j.run_at <= at
        ORDER BY j.run_at, j.id LIMIT greatest(at_most, 256) FOR NO KEY UPDATE SKIP LOCKED),
    base AS (
        SELECT d.fairness_key, greatest(virtual, CASE WHEN d.fairness_key IS NULL THEN 0 ELSE coalesce((
                   SELECT max(w.place) FROM jobs AS w
                   WHERE w.queue = of_queue AND w.fairness_key = d.fairness_key AND w.place IS NOT NULL), 0) END) AS place
        FROM due AS d GROUP BY d.fairness_key)
    UPDATE jobs AS j SET place = p.place FROM (
        SELECT d.id, b.place + CASE WHEN d.fairness_key IS NULL THEN 1
                                    ELSE row_number() OVER (PARTITION BY d.fairness_key ORDER BY d.run_at, d.id) END AS place
        FROM due AS d JOIN base AS b ON b.fairness_key IS NOT DISTINCT FROM d.fairness_key) AS p
    WHERE j.id = p.id;
    SELECT array_agg(n.id ORDER BY n.place, n.run_at, n.id), max(n.place) INTO ids, reached
    FROM (SELECT j.id, j.place, j.run_at FROM jobs AS j WHERE j.queue = of_queue AND j.place IS NOT NULL
          ORDER BY j.place, j.run_at, j.id LIMIT at_most FOR NO KEY UPDATE SKIP LOCKED) AS n;
    IF ids IS NULL THEN RETURN; END IF;
    IF reached > virtual THEN
        INSERT INTO queues AS q (name, virtual_time) VALUES (of_queue, reached)
        ON CONFLICT (name) DO UPDATE SET virtual_time = greatest(q.virtual_time, reached);
    END IF;
    RETURN QUERY
    WITH taken AS (
        UPDATE jobs AS j
        SET state = 'running', place = NULL, attempts = j.attempts + 1, fence = j.fence + 1, worker = by_worker,
            expires_at = until
        WHERE j.id = ANY (ids) RETURNING j.*)
    SELECT t.id, t.queue, t.kind, t.exclusive_key, t.fairness_key, t.payload, t.attempts, t.max_attempts, t.run_at,
           t.created_at, t.last_error, t.fence
    FROM unnest(ids) WITH ORDINALITY AS u (id, number) JOIN taken AS t ON t.id = u.id ORDER BY u.number;
END $$;
