CREATE TABLE payments (
    seq             INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL UNIQUE,
    key             TEXT    UNIQUE,
    order_id        TEXT,
    amount          INTEGER NOT NULL CHECK (amount > 0),
    currency        TEXT    NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
    token           TEXT    NOT NULL,
    status          TEXT    NOT NULL CHECK (status IN ('requires_capture', 'succeeded', 'canceled', 'declined')),
    amount_captured INTEGER NOT NULL CHECK (amount_captured BETWEEN 0 AND amount),
    amount_refunded INTEGER NOT NULL CHECK (amount_refunded BETWEEN 0 AND amount_captured),
    created_at      INTEGER NOT NULL,
    CHECK ((status = 'succeeded') = (amount_captured > 0))
) STRICT;

CREATE INDEX payments_by_order ON payments (order_id);

CREATE TABLE shipments (
    seq             INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL UNIQUE,
    key             TEXT    UNIQUE,
    order_id        TEXT    NOT NULL,
    tracking_number TEXT    NOT NULL UNIQUE,
    status          TEXT    NOT NULL CHECK (status IN ('booked', 'cancelled', 'picked_up', 'delivered')),
    created_at      INTEGER NOT NULL,
    -- What the carrier will do next by itself; null when nothing more.
    moves_at        INTEGER CHECK (moves_at IS NULL OR status IN ('booked', 'picked_up'))
) STRICT;

CREATE INDEX shipments_by_order ON shipments (order_id);
CREATE INDEX shipments_moving ON shipments (moves_at) WHERE moves_at IS NOT NULL;

-- What was answered under an Idempotency-Key, written together with the effect.
CREATE TABLE replies (
    service     TEXT    NOT NULL CHECK (service IN ('payment', 'carrier')),
    key         TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    status      INTEGER NOT NULL CHECK (status BETWEEN 200 AND 599),
    body        TEXT    NOT NULL,
    PRIMARY KEY (service, key)
) STRICT, WITHOUT ROWID;

-- What the carrier tells the shop; next_attempt_at is null once it has been told or refused for good.
CREATE TABLE reports (
    seq             INTEGER PRIMARY KEY,
    shipment_id     TEXT    NOT NULL REFERENCES shipments (id),
    kind            TEXT    NOT NULL CHECK (kind IN ('picked_up', 'delivered')),
    happened_at     INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at INTEGER,
    UNIQUE (shipment_id, kind)
) STRICT;

CREATE INDEX reports_due ON reports (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
