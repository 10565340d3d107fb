-- What this database knows about its installation: one row, once a server was started on it.
--
-- The fingerprint tells whether a server has the secret that the links of these orders were made with; the secret cannot be
-- found out from it.
CREATE TABLE installation (
    one                INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    secret_fingerprint BLOB    NOT NULL CHECK (length(secret_fingerprint) = 32)
) STRICT;

-- The table `secrets` stays, and is empty once a server was started: a migration cannot bring what is in it to another place,
-- and one that dropped it would take the links of orders with it.
