-- The orders of a shopper that are not done: few, however many were ever made, and the head of every page counts them.
CREATE INDEX orders_open_of_owner ON orders (owner, count)
WHERE owner IS NOT NULL AND state NOT IN ('confirmed', 'shipped', 'delivered', 'cancelled');
