-- How many orders are in each state: one row, kept by whatever moves an order, so that nobody ever counts them. No CHECK
-- holds the numbers above zero, for a count that is wrong must not refuse an order.
CREATE TABLE order_counts (
    one             INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    received        INTEGER NOT NULL,
    processing      INTEGER NOT NULL,
    action_required INTEGER NOT NULL,
    in_review       INTEGER NOT NULL,
    confirmed       INTEGER NOT NULL,
    shipped         INTEGER NOT NULL,
    delivered       INTEGER NOT NULL,
    cancelling      INTEGER NOT NULL,
    cancelled       INTEGER NOT NULL
) STRICT;

INSERT INTO order_counts
SELECT 1,
       count(*) FILTER (WHERE state = 'received'),
       count(*) FILTER (WHERE state = 'processing'),
       count(*) FILTER (WHERE state = 'action_required'),
       count(*) FILTER (WHERE state = 'in_review'),
       count(*) FILTER (WHERE state = 'confirmed'),
       count(*) FILTER (WHERE state = 'shipped'),
       count(*) FILTER (WHERE state = 'delivered'),
       count(*) FILTER (WHERE state = 'cancelling'),
       count(*) FILTER (WHERE state = 'cancelled')
FROM orders;

-- How many orders were accepted, confirmed and finished in each span of five seconds; two days of them are kept.
CREATE TABLE order_tallies (
    span      INTEGER NOT NULL PRIMARY KEY,
    accepted  INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,
    finished  INTEGER NOT NULL
) STRICT;
