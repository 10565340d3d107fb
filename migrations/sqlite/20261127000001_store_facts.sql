-- An order is stored as facts: the words that people read are derived from them when it is read.
--
-- `details` is what was ordered, by whom and to where, and changes only when the customer corrects an address. `progress`
-- is how far the order is, and changes with every version. The columns beside them are what queries need.
CREATE TABLE orders_as_facts (
    count        INTEGER NOT NULL PRIMARY KEY CHECK (count > 0),
    id           BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    idempotency  BLOB    NOT NULL UNIQUE CHECK (length(idempotency) = 16),
    fingerprint  BLOB    NOT NULL CHECK (length(fingerprint) = 16),
    owner        BLOB    CHECK (owner IS NULL OR length(owner) = 16),
    state        TEXT    NOT NULL CHECK (state IN ('received', 'processing', 'action_required', 'in_review', 'confirmed',
                                                   'shipped', 'delivered', 'cancelling', 'cancelled')),
    payment      TEXT    NOT NULL CHECK (payment IN ('none', 'authorised', 'captured', 'voided', 'refunded')),
    version      INTEGER NOT NULL CHECK (version >= 1),
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    confirmed_at INTEGER,
    total        INTEGER NOT NULL CHECK (total >= 0),
    currency     TEXT    NOT NULL CHECK (length(currency) = 3),
    delayed      INTEGER NOT NULL CHECK (delayed IN (0, 1)),
    refused_by   TEXT    CHECK (refused_by IN ('stock', 'payment', 'shipping', 'mail')),
    mail_refused INTEGER NOT NULL CHECK (mail_refused IN (0, 1)),
    email        TEXT,
    details      TEXT    NOT NULL,
    progress     TEXT    NOT NULL,
    -- Who gets nothing is not charged.
    CHECK (state <> 'cancelled' OR payment IN ('none', 'voided', 'refunded'))
) STRICT;

INSERT INTO orders_as_facts
SELECT count, id, idempotency, fingerprint, owner, state, payment, version, created_at, updated_at, confirmed_at, total,
       currency, coalesce(body ->> '$.delayed', 0), refused_by, mail_refused, email,
       json_object(
           'customer', body -> '$.customer',
           'ship_to', body -> '$.ship_to',
           'lines', (SELECT json_group_array(json_object(
                                'sku', line.value ->> '$.sku',
                                'name', line.value ->> '$.name',
                                'quantity', line.value ->> '$.quantity',
                                'unit_price', line.value ->> '$.unit_price.amount'))
                     FROM json_each(body, '$.lines') AS line),
           'expected_by', body -> '$.expected_by',
           'note', body ->> '$.note'),
       json_object(
           'reason', body ->> '$.reason',
           'respond_by', body ->> '$.respond_by',
           'method', body ->> '$.payment.method',
           'payment_summary', body ->> '$.payment.summary',
           'shipment', body -> '$.shipment',
           'steps', body -> '$.steps',
           'link_generation', coalesce(body ->> '$.link_generation', 0),
           'mail_refused', body -> '$.mail_refused',
           'processing', json(dealings))
FROM orders;

DROP TABLE orders;
ALTER TABLE orders_as_facts RENAME TO orders;

-- Whoever asks for all orders of an owner, or for the open ones, reads the states side by side.
CREATE INDEX orders_of_owner_in_state ON orders (owner, state, count) WHERE owner IS NOT NULL;
CREATE INDEX orders_in_state ON orders (state, count);
CREATE INDEX orders_of_email ON orders (email, count);
-- Few, and none on a good day.
CREATE INDEX orders_undo_delayed ON orders (count) WHERE state = 'cancelling' AND delayed = 1;
CREATE INDEX orders_refused ON orders (refused_by, count) WHERE refused_by IS NOT NULL;
CREATE INDEX orders_mail_refused ON orders (count) WHERE mail_refused = 1;

-- Stored events keep the words that they were written with; they are not read any more.
