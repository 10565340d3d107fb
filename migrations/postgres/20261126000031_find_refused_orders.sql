ALTER TABLE orders ADD COLUMN refused_by text CHECK (refused_by IN ('stock', 'payment', 'shipping', 'mail'));
ALTER TABLE orders ADD COLUMN mail_refused boolean NOT NULL DEFAULT false;

CREATE INDEX orders_refused ON orders (refused_by, count) WHERE refused_by IS NOT NULL;
CREATE INDEX orders_mail_refused ON orders (count) WHERE mail_refused;
