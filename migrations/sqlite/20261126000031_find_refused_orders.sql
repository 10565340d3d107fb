-- Orders that wait because a service refuses our calls, and open orders whose customer does not get our mails. Few, and none
-- on a good day. No version before wrote either, so every order that is there has neither.
ALTER TABLE orders ADD COLUMN refused_by TEXT CHECK (refused_by IN ('stock', 'payment', 'shipping', 'mail'));
ALTER TABLE orders ADD COLUMN mail_refused INTEGER NOT NULL DEFAULT 0 CHECK (mail_refused IN (0, 1));

CREATE INDEX orders_refused ON orders (refused_by, count) WHERE refused_by IS NOT NULL;
CREATE INDEX orders_mail_refused ON orders (count) WHERE mail_refused = 1;
