-- The search key of the customer's e-mail address.
ALTER TABLE orders ADD COLUMN email text;

CREATE INDEX orders_of_email ON orders (email, count);
CREATE INDEX orders_in_state ON orders (state, count);
-- Few, and usually none.
CREATE INDEX orders_undo_delayed ON orders (count) WHERE state = 'cancelling' AND delayed;
