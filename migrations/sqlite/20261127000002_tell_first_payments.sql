-- The first event tells the payment method, from which the words of later events follow. Events of earlier versions do
-- not tell it, and it is taken from the order. That is wrong where the customer changed from a card to an invoice, which
-- is the only event of an invoice that leaves its state at 'none'.
UPDATE order_events
SET data = json_set(data, '$.payment', json('{"method":"card","state":"none","summary":null}'))
WHERE version = 1
  AND data ->> '$.payment' IS NULL
  AND order_id IN (SELECT id FROM orders WHERE progress ->> '$.method' = 'invoice')
  AND EXISTS (SELECT 1 FROM order_events AS later
              WHERE later.order_id = order_events.order_id
                AND later.version > 1
                AND later.data ->> '$.payment.method' = 'invoice'
                AND later.data ->> '$.payment.state' = 'none');
