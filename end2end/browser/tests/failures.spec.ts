import { expect, test } from '../fixtures.js';
import { CONFIRMED, buy, expectSameDocument, heading, markDocument, orderQuickly, orders, step } from '../shopper.js';

const DELAYED = 'Your order is safe, but this is taking longer than usual';

/** The only row that the ledger has of an order, in minor units. */
function chargedOnce(amount: number) {
  return { status: 'succeeded', amount_captured: amount, amount_refunded: 0 };
}

test('payment is down: the page says so in words, and once it is back the order is confirmed and charged once', async ({
  page,
  shop,
  visit,
}) => {
  await shop.fault('payment', { mode: 'down' });
  await visit('/');
  const sent = await buy(page, 'Dotted notebook');
  await markDocument(page);

  await expect(heading(page)).toHaveText(DELAYED);
  const words = page.locator('.slip-state');
  await expect(words).toContainText('The payment service is not answering.');
  await expect(words).toContainText('You will not be charged twice.');
  await expect(words).toContainText('You do not need to do anything.');
  await expect(step(page, 'Checking your payment')).toContainText('tries so far');
  await expect(page).toHaveTitle(`Delayed · ${sent.number} · Docket`);
  await expect(page.getByRole('status')).toHaveText(`Order ${sent.number}: ${DELAYED}.`);

  await shop.heal();
  await expect(heading(page)).toHaveText(CONFIRMED);
  await expectSameDocument(page);
  expect(await shop.payments(sent.id)).toMatchObject([chargedOnce(1_390)]);
});

test('payment loses every answer: what it did is looked up, and the card is charged once', async ({
  page,
  shop,
  visit,
}) => {
  await shop.fault('payment', { mode: 'answer_lost' });
  await visit('/');
  const sent = await buy(page, 'Brass ruler');
  await expect(heading(page)).toHaveText(CONFIRMED);
  await expect(step(page, 'Checking your payment')).toContainText('after more than one try');
  expect(await shop.payments(sent.id)).toMatchObject([chargedOnce(1_100)]);
});

test('an order that is delayed can be cancelled, and nothing was charged', async ({ page, shop, visit }) => {
  await shop.fault('payment', { mode: 'down' });
  await visit('/');
  const sent = await buy(page, 'Canvas tote');
  await expect(heading(page)).toHaveText(DELAYED);
  await page.getByRole('link', { name: 'Cancel order' }).click();
  await page.getByRole('button', { name: 'Yes, cancel the order' }).click();
  await shop.heal();
  await expect(heading(page)).toHaveText('Order cancelled');
  await expect(page.locator('.slip-state')).toContainText('Nothing was charged');
  expect((await shop.payments(sent.id)).filter((payment) => payment.amount_captured > 0)).toEqual([]);
});

test('WebSockets do not come through: the page asks over plain HTTP and is just as live', async ({ page, shop }) => {
  await page.routeWebSocket(/\/stream$/, (socket) => socket.close());
  await shop.fault('payment', { mode: 'down' });
  await page.goto('/');
  const { id } = await orderQuickly(page);
  await page.goto(`/orders/${id}`);
  await markDocument(page);
  await page.waitForRequest((request) => request.headers()['prefer'] === 'wait=25');
  await shop.heal();
  await expect(heading(page)).toHaveText(CONFIRMED);
  await expectSameDocument(page);
});

test.describe('the server is killed and started again', () => {
  test.beforeEach(({ troubles }) => {
    troubles.allow(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED/);
  });

  test('while an order is delayed: the page says so and goes on by itself', async ({ page, shop, visit }) => {
    await shop.fault('payment', { mode: 'down' });
    await visit('/');
    const sent = await buy(page, 'Roll of wrapping paper');
    await markDocument(page);
    await expect(heading(page)).toHaveText(DELAYED);

    await shop.kill();
    const notice = page.locator('.connection');
    await expect(notice).toContainText('Reconnecting. Your order goes on without this page.');
    await shop.restart();
    await expect(heading(page)).toHaveText(CONFIRMED);
    await expect(notice).toBeHidden();
    await expectSameDocument(page);
    expect(await orders(page)).toHaveLength(1);
    expect(await shop.payments(sent.id)).toMatchObject([chargedOnce(560)]);
  });

  test('while the payment service is being asked: the card is charged once', async ({ page, shop, visit }) => {
    await shop.fault('payment', { mode: 'slow', latency_ms: 9_000 });
    await visit('/');
    const sent = await buy(page, 'Leather luggage tag');
    await expect(step(page, 'Checking your payment')).toHaveAttribute('data-state', 'running');
    await shop.kill();
    await shop.restart();
    await expect(heading(page)).toHaveText(CONFIRMED);
    expect(await shop.payments(sent.id)).toMatchObject([chargedOnce(1_200)]);
  });
});
