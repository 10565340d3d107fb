-- The carrier's events that were applied, so that a repeated one is not applied again.
CREATE TABLE carrier_reports (
    seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          text   NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 255),
    order_id    bytea  NOT NULL CHECK (length(order_id) = 16),
    kind        text   NOT NULL CHECK (kind IN ('picked_up', 'delivered', 'returned')),
    happened_at bigint NOT NULL,
    received_at bigint NOT NULL
);
