-- The orders of an owner, state by state.
CREATE INDEX orders_of_owner_in_state ON orders (owner, state, count) WHERE owner IS NOT NULL;
