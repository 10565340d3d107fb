-- Reports of the carrier that were taken, by the id they came with, so that each counts once. Kept for thirty days.
CREATE TABLE carrier_reports (
    seq         INTEGER NOT NULL PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 255),
    order_id    BLOB    NOT NULL CHECK (length(order_id) = 16),
    kind        TEXT    NOT NULL CHECK (kind IN ('picked_up', 'delivered', 'returned')),
    happened_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;
