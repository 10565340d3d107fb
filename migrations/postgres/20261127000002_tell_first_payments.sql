-- Nothing to do: no version that left the payment out of the first event knew this database.
SELECT 1;
