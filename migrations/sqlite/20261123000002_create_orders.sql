-- One row an order. `body` is the order as everybody sees it, at its version; the columns beside it are what
-- queries and checks need of it. `dealings` is what nobody sees.
CREATE TABLE orders (
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
    body         TEXT    NOT NULL,
    dealings     TEXT    NOT NULL,
    -- Who gets nothing is not charged.
    CHECK (state <> 'cancelled' OR payment IN ('none', 'voided', 'refunded'))
) STRICT;

CREATE INDEX orders_of_owner ON orders (owner, count) WHERE owner IS NOT NULL;
CREATE INDEX orders_open ON orders (count) WHERE state NOT IN ('delivered', 'cancelled');

-- The log of all events, in commit order. It is the outbox too: nothing is told that is not here.
CREATE TABLE order_events (
    seq      INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0),
    order_id BLOB    NOT NULL CHECK (length(order_id) = 16),
    owner    BLOB    CHECK (owner IS NULL OR length(owner) = 16),
    version  INTEGER NOT NULL CHECK (version >= 1),
    kind     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    data     TEXT    NOT NULL,
    UNIQUE (order_id, version)
) STRICT;

CREATE INDEX order_events_of_owner ON order_events (owner, seq) WHERE owner IS NOT NULL;
