-- What the desk finds orders by, besides their ids and their numbers, which are the count in another dress.
ALTER TABLE orders ADD COLUMN email TEXT;
UPDATE orders SET email = lower(json_extract(body, '$.customer.email'));

CREATE INDEX orders_of_email ON orders (email, count);
CREATE INDEX orders_in_state ON orders (state, count);
-- Orders that end and whose undoing has not worked so far. Few, and none on a good day.
CREATE INDEX orders_undo_delayed ON orders (count) WHERE state = 'cancelling' AND json_extract(body, '$.delayed');

-- The job of an order that was given up is found by its lane when a person decides about the order.
CREATE INDEX jobs_given_up_in_a_lane ON jobs (lane) WHERE lane IS NOT NULL AND state = 'quarantined';
