-- API keys: only their SHA-256 is kept.
CREATE TABLE api_keys (
    hash              BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    id                BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    name              TEXT    NOT NULL CHECK (length(name) > 0),
    scope             TEXT    NOT NULL CHECK (scope IN ('orders', 'desk')),
    orders_per_minute INTEGER CHECK (orders_per_minute > 0),
    created_at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Secrets that this installation made for itself, such as the one that tracking tokens are made with.
CREATE TABLE secrets (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL CHECK (length(value) = 32)
) STRICT, WITHOUT ROWID;
