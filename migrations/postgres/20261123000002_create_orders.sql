-- The serial numbers of orders, taken in blocks by each process.
CREATE SEQUENCE order_count AS bigint MINVALUE 1;

-- `details` is what was ordered, by whom and to where, and changes only when the customer corrects an address. `progress`
-- is how far the order is, and changes with every version. The columns beside them are what queries need. Both are text
-- and not jsonb: the database never looks into them, and the bytes must be the same in both databases.
CREATE TABLE orders (
    count        bigint  NOT NULL PRIMARY KEY CHECK (count > 0),
    id           bytea   NOT NULL UNIQUE CHECK (length(id) = 16),
    idempotency  bytea   NOT NULL UNIQUE CHECK (length(idempotency) = 16),
    fingerprint  bytea   NOT NULL CHECK (length(fingerprint) = 16),
    owner        bytea   CHECK (owner IS NULL OR length(owner) = 16),
    state        text    NOT NULL CHECK (state IN ('received', 'processing', 'action_required', 'in_review', 'confirmed',
                                                   'shipped', 'delivered', 'cancelling', 'cancelled')),
    payment      text    NOT NULL CHECK (payment IN ('none', 'authorised', 'captured', 'voided', 'refunded')),
    version      bigint  NOT NULL CHECK (version >= 1),
    created_at   bigint  NOT NULL,
    updated_at   bigint  NOT NULL,
    confirmed_at bigint,
    total        bigint  NOT NULL CHECK (total >= 0),
    currency     text    NOT NULL CHECK (length(currency) = 3),
    delayed      boolean NOT NULL,
    -- Who gets nothing is not charged.
    CHECK (state <> 'cancelled' OR payment IN ('none', 'voided', 'refunded'))
) WITH (fillfactor = 80);

CREATE TABLE order_events (
    seq      bigint NOT NULL PRIMARY KEY CHECK (seq > 0),
    order_id bytea  NOT NULL CHECK (length(order_id) = 16),
    owner    bytea  CHECK (owner IS NULL OR length(owner) = 16),
    version  bigint NOT NULL CHECK (version >= 1),
    kind     text   NOT NULL,
    at       bigint NOT NULL,
    data     text   NOT NULL,
    UNIQUE (order_id, version)
);

CREATE INDEX order_events_of_owner ON order_events (owner, seq) WHERE owner IS NOT NULL;
