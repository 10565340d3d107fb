-- The counters of the desk. Every transaction changes them, and a row that everybody changes would be waited for by
-- everybody, so each transaction appends what it changes, and the rows are summed up now and then into a new base.
CREATE TABLE order_counts (
    -- The last event that is counted in this row: that of the base, or of the transaction.
    through         bigint  NOT NULL PRIMARY KEY,
    is_base         boolean NOT NULL,
    received        bigint  NOT NULL,
    processing      bigint  NOT NULL,
    action_required bigint  NOT NULL,
    in_review       bigint  NOT NULL,
    confirmed       bigint  NOT NULL,
    shipped         bigint  NOT NULL,
    delivered       bigint  NOT NULL,
    cancelling      bigint  NOT NULL,
    cancelled       bigint  NOT NULL
);

INSERT INTO order_counts VALUES (0, true, 0, 0, 0, 0, 0, 0, 0, 0, 0);

-- Orders accepted, confirmed and finished in each span of five seconds, one row for each transaction that counts.
CREATE TABLE order_tallies (
    span      bigint NOT NULL,
    through   bigint NOT NULL,
    accepted  bigint NOT NULL,
    confirmed bigint NOT NULL,
    finished  bigint NOT NULL,
    PRIMARY KEY (span, through)
);
