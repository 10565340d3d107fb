-- Writes what the commands of one batch have decided, in one call and one transaction.
--
-- The commands have decided from rows that were read before. So the call first locks those rows, always in the same order
-- of tables and keys, and compares them; if one has changed, nothing is written, and the commands decide again. It returns
-- `{"stale": true}` then, or the sequence of the first event: `{"first": 17}`. Two calls that would break a constraint
-- together fail with its error, and decide again as well.
--
-- The lock of the log is taken last and released by the commit, so sequences rise in the order of commits, without gaps.
CREATE FUNCTION docket_commit_v1(batch jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    base  bigint;
    known jsonb;
BEGIN
    IF batch ? 'read_orders' THEN
        PERFORM 1 FROM orders WHERE id IN (SELECT decode(id, 'hex') FROM jsonb_to_recordset(batch -> 'read_orders') AS r (id text))
            ORDER BY id FOR NO KEY UPDATE;
        IF EXISTS (
            SELECT 1 FROM jsonb_to_recordset(batch -> 'read_orders') AS r (id text, version bigint)
            LEFT JOIN orders AS o ON o.id = decode(r.id, 'hex')
            WHERE o.version IS DISTINCT FROM r.version
        ) THEN RETURN jsonb_build_object('stale', true); END IF;
    END IF;
    IF batch ? 'read_jobs' THEN
        PERFORM 1 FROM jobs WHERE id IN (SELECT id FROM jsonb_to_recordset(batch -> 'read_jobs') AS r (id bigint))
            ORDER BY id FOR NO KEY UPDATE;
        IF EXISTS (
            SELECT 1 FROM jsonb_to_recordset(batch -> 'read_jobs') AS r (id bigint, state text, fence bigint)
            LEFT JOIN jobs AS j ON j.id = r.id
            WHERE j.state IS DISTINCT FROM r.state OR j.fence IS DISTINCT FROM r.fence
        ) THEN RETURN jsonb_build_object('stale', true); END IF;
    END IF;
    IF batch ? 'read_keys' THEN
        IF EXISTS (
            SELECT 1 FROM jsonb_to_recordset(batch -> 'read_keys') AS r (key text, id bigint)
            LEFT JOIN jobs AS j ON j.exclusive_key = r.key AND j.state IN ('available', 'running')
            WHERE j.id IS DISTINCT FROM r.id
        ) THEN RETURN jsonb_build_object('stale', true); END IF;
    END IF;
    IF batch ? 'new_orders' THEN
        SELECT jsonb_agg(jsonb_build_object('idempotency', encode(o.idempotency, 'hex'), 'id', encode(o.id, 'hex'),
                                            'fingerprint', encode(o.fingerprint, 'hex')))
        INTO known FROM orders AS o
        WHERE o.idempotency IN (SELECT decode(r.idempotency, 'hex')
                                FROM jsonb_to_recordset(batch -> 'new_orders') AS r (idempotency text));
        IF known IS NOT NULL THEN RETURN jsonb_build_object('known', known); END IF;
        INSERT INTO orders (count, id, idempotency, fingerprint, owner, state, payment, version, created_at, updated_at,
                            confirmed_at, total, currency, delayed, refused_by, mail_refused, email, details, progress)
        SELECT count, decode(id, 'hex'), decode(idempotency, 'hex'), decode(fingerprint, 'hex'), decode(owner, 'hex'), state,
               payment, version, created_at, updated_at, confirmed_at, total, currency, delayed, refused_by, mail_refused,
               email, details, progress
        FROM jsonb_to_recordset(batch -> 'new_orders') AS r (
            count bigint, id text, idempotency text, fingerprint text, owner text, state text, payment text, version bigint,
            created_at bigint, updated_at bigint, confirmed_at bigint, total bigint, currency text, delayed boolean,
            refused_by text, mail_refused boolean, email text, details text, progress text)
        ORDER BY idempotency;
    END IF;
    IF batch ? 'orders' THEN
        UPDATE orders AS o
        SET state = r.state, payment = r.payment, version = r.version, updated_at = r.updated_at, delayed = r.delayed,
            progress = r.progress, confirmed_at = coalesce(o.confirmed_at, r.confirmed_at), refused_by = r.refused_by,
            mail_refused = r.mail_refused,
            email = CASE WHEN r.details IS NULL THEN o.email ELSE r.email END, details = coalesce(r.details, o.details)
        FROM jsonb_to_recordset(batch -> 'orders') AS r (
            id text, state text, payment text, version bigint, updated_at bigint, delayed boolean, progress text,
            confirmed_at bigint, refused_by text, mail_refused boolean, email text, details text)
        WHERE o.id = decode(r.id, 'hex');
    END IF;
    IF batch ? 'reserved' THEN
        UPDATE products AS p SET stock = p.stock - r.quantity
        FROM (SELECT sku, sum(quantity) AS quantity
              FROM jsonb_to_recordset(batch -> 'reserved') AS r (sku text, quantity bigint) GROUP BY sku) AS r
        WHERE p.sku = r.sku;
        INSERT INTO reservations (order_id, sku, quantity)
        SELECT decode(r."order", 'hex'), r.sku, r.quantity
        FROM jsonb_to_recordset(batch -> 'reserved') AS r ("order" text, sku text, quantity bigint);
    END IF;
    IF batch ? 'released' THEN
        UPDATE products AS p SET stock = p.stock + r.quantity
        FROM (SELECT sku, sum(quantity) AS quantity FROM reservations
              WHERE order_id IN (SELECT decode(id, 'hex') FROM jsonb_array_elements_text(batch -> 'released') AS r (id))
              GROUP BY sku) AS r
        WHERE p.sku = r.sku;
        DELETE FROM reservations
        WHERE order_id IN (SELECT decode(id, 'hex') FROM jsonb_array_elements_text(batch -> 'released') AS r (id));
    END IF;
    -- Jobs that end or wait free their exclusive keys for those that are added.
    IF batch ? 'finished' THEN
        WITH ended AS (
            DELETE FROM jobs WHERE id IN (SELECT id FROM jsonb_to_recordset(batch -> 'finished') AS r (id bigint)) RETURNING *)
        INSERT INTO finished_jobs (id, queue, kind, exclusive_key, payload, state, attempts, max_attempts, run_at, created_at,
                                   ended_at, last_error, fence, fairness_key)
        SELECT e.id, e.queue, e.kind, e.exclusive_key, e.payload, r.state, e.attempts, e.max_attempts, e.run_at,
               e.created_at, r.at, coalesce(r.error, e.last_error), e.fence, e.fairness_key
        FROM ended AS e
        JOIN jsonb_to_recordset(batch -> 'finished') AS r (id bigint, state text, at bigint, error text) ON r.id = e.id;
    END IF;
    IF batch ? 'quarantined' THEN
        UPDATE jobs AS j
        SET state = 'quarantined', ended_at = r.at, last_error = coalesce(r.error, j.last_error), worker = NULL,
            expires_at = NULL, place = NULL
        FROM jsonb_to_recordset(batch -> 'quarantined') AS r (id bigint, at bigint, error text) WHERE j.id = r.id;
    END IF;
    IF batch ? 'freed' THEN
        UPDATE jobs AS j
        SET state = 'available', attempts = r.attempts, run_at = r.run_at, last_error = coalesce(r.error, j.last_error),
            ended_at = NULL, worker = NULL, expires_at = NULL
        FROM jsonb_to_recordset(batch -> 'freed') AS r (id bigint, attempts bigint, run_at bigint, error text)
        WHERE j.id = r.id;
    END IF;
    IF batch ? 'added' THEN
        INSERT INTO jobs (id, queue, fairness_key, kind, exclusive_key, payload, state, max_attempts, run_at, created_at)
        SELECT id, queue, fairness_key, kind, exclusive_key, payload, 'available', max_attempts, run_at, created_at
        FROM jsonb_to_recordset(batch -> 'added') AS r (
            id bigint, queue text, fairness_key text, kind text, exclusive_key text, payload text, max_attempts bigint,
            run_at bigint, created_at bigint);
    END IF;
    IF batch ? 'replaced' THEN
        UPDATE jobs AS j
        SET queue = r.queue, fairness_key = r.fairness_key, kind = r.kind, payload = r.payload, run_at = r.run_at,
            max_attempts = r.max_attempts, attempts = 0, last_error = NULL, place = NULL
        FROM jsonb_to_recordset(batch -> 'replaced') AS r (
            id bigint, queue text, fairness_key text, kind text, payload text, max_attempts bigint, run_at bigint)
        WHERE j.id = r.id;
    END IF;
    -- Jobs that are due get their places in the order in which they were written.
    IF batch ? 'placed' THEN
        WITH due AS (
            SELECT j.id, j.queue, j.fairness_key, r.number
            FROM jsonb_array_elements_text(batch -> 'placed') WITH ORDINALITY AS r (id, number)
            JOIN jobs AS j ON j.id = r.id::bigint),
        base AS (
            SELECT d.queue, d.fairness_key, greatest(
                       coalesce((SELECT virtual_time FROM queues WHERE name = d.queue), 0),
                       CASE WHEN d.fairness_key IS NULL THEN 0 ELSE coalesce((
                           SELECT max(w.place) FROM jobs AS w
                           WHERE w.queue = d.queue AND w.fairness_key = d.fairness_key AND w.place IS NOT NULL), 0) END) AS place
            FROM due AS d GROUP BY d.queue, d.fairness_key)
        UPDATE jobs AS j
        SET place = p.place FROM (
            SELECT d.id, b.place + CASE WHEN d.fairness_key IS NULL THEN 1
                                        ELSE row_number() OVER (PARTITION BY d.queue, d.fairness_key ORDER BY d.number) END AS place
            FROM due AS d JOIN base AS b ON b.queue = d.queue AND b.fairness_key IS NOT DISTINCT FROM d.fairness_key) AS p
        WHERE j.id = p.id;
    END IF;
    IF batch ? 'discarded' THEN
        WITH ended AS (
            DELETE FROM jobs WHERE id IN (SELECT id FROM jsonb_to_recordset(batch -> 'discarded') AS r (id bigint)) RETURNING *)
        INSERT INTO finished_jobs (id, queue, kind, exclusive_key, payload, state, attempts, max_attempts, run_at, created_at,
                                   ended_at, last_error, fence, fairness_key)
        SELECT e.id, e.queue, e.kind, e.exclusive_key, e.payload, 'discarded', e.attempts, e.max_attempts, e.run_at,
               e.created_at, r.at, e.last_error, e.fence, e.fairness_key
        FROM ended AS e JOIN jsonb_to_recordset(batch -> 'discarded') AS r (id bigint, at bigint) ON r.id = e.id;
    END IF;
    IF batch ? 'paused' THEN
        INSERT INTO queues (name, paused_at)
        SELECT name, paused_at FROM jsonb_to_recordset(batch -> 'paused') AS r (name text, paused_at bigint)
        ON CONFLICT (name) DO UPDATE SET paused_at = excluded.paused_at;
    END IF;
    IF batch ? 'reports' THEN
        INSERT INTO carrier_reports (id, order_id, kind, happened_at, received_at)
        SELECT id, decode("order", 'hex'), kind, happened_at, received_at
        FROM jsonb_to_recordset(batch -> 'reports') AS r (id text, "order" text, kind text, happened_at bigint, received_at bigint);
        DELETE FROM carrier_reports
        WHERE seq IN (SELECT seq FROM carrier_reports ORDER BY seq LIMIT 2 * jsonb_array_length(batch -> 'reports'))
          AND received_at < (batch ->> 'reports_kept_since')::bigint;
    END IF;
    IF batch ? 'audit' THEN
        INSERT INTO audit (at, who, name, act, subject, outcome, detail)
        SELECT at, who, name, act, subject, outcome, detail
        FROM jsonb_to_recordset(batch -> 'audit') AS r (
            at bigint, who text, name text, act text, subject text, outcome text, detail text);
    END IF;
    IF batch ? 'checked' THEN
        UPDATE letters_looked SET through = (batch ->> 'checked')::bigint
        WHERE through = (batch ->> 'checked_from')::bigint;
        IF NOT FOUND THEN RAISE SQLSTATE '40001' USING MESSAGE = 'another process has checked these orders'; END IF;
    END IF;
    IF batch ? 'events' THEN
        PERFORM pg_advisory_xact_lock(hashtext(current_schema() || '.order_events'));
        SELECT coalesce(max(seq), 0) INTO base FROM order_events;
        INSERT INTO order_events (seq, order_id, owner, version, kind, at, data)
        SELECT base + number, decode(e ->> 'order', 'hex'), decode(e ->> 'owner', 'hex'), (e ->> 'version')::bigint, e ->> 'kind',
               (e ->> 'at')::bigint, e ->> 'data'
        FROM jsonb_array_elements(batch -> 'events') WITH ORDINALITY AS r (e, number);
        IF batch ? 'counts' THEN
            INSERT INTO order_counts
            SELECT base + 1, false, received, processing, action_required, in_review, confirmed, shipped, delivered, cancelling,
                   cancelled
            FROM jsonb_to_record(batch -> 'counts') AS r (
                received bigint, processing bigint, action_required bigint, in_review bigint, confirmed bigint,
                shipped bigint, delivered bigint, cancelling bigint, cancelled bigint);
        END IF;
        IF batch ? 'tallies' THEN
            INSERT INTO order_tallies (span, through, accepted, confirmed, finished)
            SELECT span, base + 1, accepted, confirmed, finished
            FROM jsonb_to_recordset(batch -> 'tallies') AS r (
                span bigint, accepted bigint, confirmed bigint, finished bigint);
        END IF;
        RETURN jsonb_build_object('first', base + 1);
    END IF;
    RETURN '{}'::jsonb;
END $$;
