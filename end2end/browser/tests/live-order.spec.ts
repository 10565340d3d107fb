import { expect, test } from '../fixtures.js';
import {
  CONFIRMED,
  buy,
  expectSameDocument,
  heading,
  inCart,
  inProgress,
  markDocument,
  order,
  orderQuickly,
  putIntoCart,
  step,
  takenOver,
} from '../shopper.js';

test('an order is followed live to confirmed without a reload', async ({ page, shop, visit }) => {
  await shop.fault('payment', { mode: 'down' });
  await visit('/');

  const sent = await buy(page, 'Blue mug');
  await markDocument(page);
  await expect(page.locator('.slip-number')).toContainText(sent.number);
  const checking = step(page, 'Checking your payment');
  await expect(checking).toHaveAttribute('data-state', /running|retrying/);
  await expect(checking).toHaveAttribute('aria-current', 'step');
  await expect(step(page, 'Setting your items aside')).toHaveAttribute('data-state', 'succeeded');

  await shop.fault('carrier', { mode: 'down' });
  await shop.fault('payment', { mode: 'ok' });
  await expect(checking).toHaveAttribute('data-state', 'succeeded');
  await expect(step(page, 'Booking the delivery')).toHaveAttribute('aria-current', 'step');
  await expect(page.locator('.facts')).toContainText('Held, not charged');

  await shop.heal();
  await expect(heading(page)).toHaveText(CONFIRMED);
  await expect(page.locator('.slip-state')).toContainText('€12.50 paid with Visa');
  await expect(page.locator('.steps > li[data-state="succeeded"]')).toHaveCount(5);
  await expect(page.getByRole('status')).toHaveText(`Order ${sent.number}: ${CONFIRMED}.`);
  await expect(page).toHaveTitle(`Confirmed · ${sent.number} · Docket`);
  await expect(page.locator('#favicon')).toHaveAttribute('href', '/favicon-done.svg');
  await expectSameDocument(page);

  expect(await shop.payments(sent.id)).toMatchObject([{ status: 'succeeded', amount_captured: sent.total.amount }]);
  expect(await shop.shipments(sent.id)).toMatchObject([{ status: 'booked' }]);
});

test('shopping goes on while the head of every page counts the orders in progress', async ({ page, shop, visit }) => {
  await shop.fault('payment', { mode: 'down' });
  await visit('/');
  const sent = await buy(page, 'Six graphite pencils');
  await expect(inProgress(page)).toHaveAttribute('data-count', '1');
  await expect(inCart(page)).toHaveAttribute('data-count', '0');

  await page.getByRole('link', { name: 'Docket', exact: true }).click();
  await expect(heading(page)).toHaveText('The shop');
  await takenOver(page);
  await markDocument(page);
  await putIntoCart(page, 'Linen tea towel');
  await expect(inCart(page)).toHaveAttribute('data-count', '1');
  await page.locator('.tray summary').click();
  const entry = page.locator('.tray-list').getByRole('link', { name: sent.number });
  await expect(entry).toContainText(/Checking your payment|Taking longer than usual/);

  await shop.heal();
  await expect(inProgress(page)).toHaveAttribute('data-count', '0');
  await expect(page.locator('.tray-list')).toContainText('No orders in progress.');
  await expect.poll(async () => (await order(page, sent.id)).state).toBe('confirmed');
  await expectSameDocument(page);
});

test('the report moves an order from one group to the next by itself', async ({ page, shop, visit }) => {
  await shop.fault('payment', { mode: 'down' });
  await visit('/orders');
  await expect(page.getByText('Nothing was ordered in this browser yet.')).toBeVisible();
  const sent = await orderQuickly(page);

  await page.mouse.move(0, 0);
  const row = (group: string) => page.getByRole('region', { name: group }).getByRole('listitem');
  await expect(row('In progress').filter({ hasText: sent.number })).toBeVisible();
  await shop.heal();
  await expect(row('Done').filter({ hasText: sent.number })).toContainText(CONFIRMED);
  await expect(row('In progress')).toHaveCount(0);

  await page.getByLabel('Find').fill(sent.number.toLowerCase());
  await page.getByLabel('Which').selectOption('Needs you');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page).toHaveURL(/group=needs-you/);
  await expect(page.getByText('No order goes by these words.')).toBeVisible();
});

test('two tabs of one order always agree, and so does the report in a third', async ({
  page,
  context,
  shop,
  visit,
}) => {
  await shop.fault('payment', { mode: 'down' });
  await visit('/');
  const sent = await buy(page, 'Two espresso cups');
  const [second, third] = [await context.newPage(), await context.newPage()];
  await visit(`/orders/${sent.id}`, second);
  await visit('/orders', third);
  for (const tab of [page, second, third]) await markDocument(tab);
  for (const tab of [page, second]) {
    await expect(heading(tab)).toHaveText('Your order is safe, but this is taking longer than usual');
  }

  await shop.heal();
  for (const tab of [page, second]) {
    await expect(heading(tab)).toHaveText(CONFIRMED);
    await expect(tab.locator('.steps > li[data-state="succeeded"]')).toHaveCount(5);
  }
  await expect(third.getByRole('region', { name: 'Done' })).toContainText(sent.number);
  expect(await page.locator('.steps').innerText()).toBe(await second.locator('.steps').innerText());
  for (const tab of [page, second, third]) await expectSameDocument(tab);
});
