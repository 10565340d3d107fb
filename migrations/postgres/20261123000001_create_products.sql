CREATE TABLE products (
    sku         text    NOT NULL PRIMARY KEY CHECK (length(sku) BETWEEN 1 AND 64),
    place       bigint  NOT NULL,
    name        text    NOT NULL CHECK (length(name) > 0),
    description text    NOT NULL,
    category    text    NOT NULL,
    price       bigint  NOT NULL CHECK (price >= 0),
    currency    text    NOT NULL CHECK (length(currency) = 3),
    stock       bigint  NOT NULL CHECK (stock >= 0),
    image       text    NOT NULL
) WITH (fillfactor = 70);

CREATE INDEX products_in_order ON products (place);

CREATE TABLE reservations (
    order_id bytea  NOT NULL CHECK (length(order_id) = 16),
    sku      text   NOT NULL REFERENCES products (sku),
    quantity bigint NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, sku)
);
