-- Nothing to do: it is PostgreSQL that writes what a batch of commands has decided in one call.
SELECT 1;
