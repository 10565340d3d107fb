-- The fingerprint tells whether a server has the secret that the links of these orders were made with; the secret cannot be
-- computed from it.
CREATE TABLE installation (
    one                bigint NOT NULL PRIMARY KEY CHECK (one = 1),
    secret_fingerprint bytea  NOT NULL CHECK (length(secret_fingerprint) = 32)
);
