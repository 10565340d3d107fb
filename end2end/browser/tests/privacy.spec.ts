import { expect, test } from '../fixtures.js';
import { CONFIRMED, heading, orderQuickly } from '../shopper.js';

const NOTHING = 'There is nothing at this address';

test('the link in the receipt opens the order in a browser that knows nothing, live and with its actions', async ({
  page,
  shop,
  stranger,
  visit,
}) => {
  await visit('/');
  const sent = await orderQuickly(page, { sku: 'pencils' });
  const receipt = await shop.receipt(sent.id);
  const link = /http:\S+\/track\/\S+/.exec(receipt)?.[0] ?? '';
  expect(link).toContain(shop.url);

  await visit(link, stranger);
  await expect(heading(stranger)).toHaveText(CONFIRMED);
  await expect(stranger.locator('.slip-number')).toContainText(sent.number);
  await expect(stranger.getByText('Whoever has this link can see this order.')).toBeVisible();
  await visit(`/orders/${sent.id}`);
  await page.getByRole('link', { name: 'Cancel order' }).click();
  await page.getByRole('button', { name: 'Yes, cancel the order' }).click();
  await expect(heading(stranger)).toHaveText('Order cancelled');

  await stranger.getByRole('link', { name: 'Your orders' }).click();
  await expect(stranger.getByText('Nothing was ordered in this browser yet.')).toBeVisible();
});

test('an order can be cancelled by whoever has its link', async ({ page, shop, stranger, visit }) => {
  await visit('/');
  const sent = await orderQuickly(page, { sku: 'pencils' });
  const link = /http:\S+\/track\/\S+/.exec(await shop.receipt(sent.id))?.[0] ?? '';
  await visit(link, stranger);
  await stranger.getByRole('link', { name: 'Cancel order' }).click();
  await stranger.getByRole('button', { name: 'Yes, cancel the order' }).click();
  await expect(heading(stranger)).toHaveText('Order cancelled');
  expect(stranger.url()).toContain(link);
});

test('whoever ordered finds the link to pass on and where the mails go, and whoever was given it sees neither', async ({
  page,
  shop,
  stranger,
  visit,
}) => {
  await visit('/');
  const sent = await orderQuickly(page);
  await visit(`/orders/${sent.id}`);
  await expect(page.locator('.facts')).toContainText('ada@example.org');
  const link = await page.locator('.facts code').innerText();
  expect(link).toContain(`${shop.url}/track/`);

  await visit(link, stranger);
  await expect(stranger.locator('.slip-number')).toContainText(sent.number);
  await expect(stranger.locator('.slip')).not.toContainText('ada@example.org');
  await expect(stranger.getByText('Link to pass on')).toHaveCount(0);
});

test('nobody sees the order of somebody else, nor anything at a made-up address', async ({
  page,
  stranger,
  troubles,
  visit,
}) => {
  troubles.allow(/status of 404/);
  await visit('/');
  const sent = await orderQuickly(page);
  const made_up = ['/orders/ord_nothing', '/orders/ord_00000000000000000000000000', '/track/made-up', '/no/such/page'];
  for (const path of [`/orders/${sent.id}`, ...made_up]) {
    const answer = await stranger.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(heading(stranger), path).toHaveText(NOTHING);
  }
  const foreign = await stranger.request.get(`/api/v1/orders/${sent.id}`);
  const unknown = await stranger.request.get('/api/v1/orders/ord_00000000000000000000000000');
  expect([foreign.status(), unknown.status()]).toEqual([404, 404]);
});
