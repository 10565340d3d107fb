-- What the shop sells. Stock is what can still be ordered; what orders hold is in reservations.
CREATE TABLE products (
    sku         TEXT    NOT NULL PRIMARY KEY CHECK (length(sku) BETWEEN 1 AND 64),
    place       INTEGER NOT NULL,
    name        TEXT    NOT NULL CHECK (length(name) > 0),
    description TEXT    NOT NULL,
    category    TEXT    NOT NULL,
    price       INTEGER NOT NULL CHECK (price >= 0),
    currency    TEXT    NOT NULL CHECK (length(currency) = 3),
    stock       INTEGER NOT NULL CHECK (stock >= 0),
    image       TEXT    NOT NULL
) STRICT;

CREATE INDEX products_in_order ON products (place);

-- Items set aside for an order; deleted when they are released.
CREATE TABLE reservations (
    order_id BLOB    NOT NULL CHECK (length(order_id) = 16),
    sku      TEXT    NOT NULL REFERENCES products (sku),
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, sku)
) STRICT, WITHOUT ROWID;
