-- Nothing to do: it is PostgreSQL that claims in one call.
SELECT 1;
