-- Only hashes of keys are stored.
CREATE TABLE api_keys (
    hash              bytea  NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    id                bytea  NOT NULL UNIQUE CHECK (length(id) = 16),
    name              text   NOT NULL CHECK (length(name) > 0),
    scope             text   NOT NULL CHECK (scope IN ('orders', 'desk')),
    orders_per_minute bigint CHECK (orders_per_minute > 0),
    created_at        bigint NOT NULL
);
