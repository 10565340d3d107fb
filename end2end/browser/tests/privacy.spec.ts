import { expect, test } from '../fixtures.js';
import { CONFIRMED, buy, heading, orderQuickly } from '../shopper.js';

const NOTHING = 'There is nothing at this address';
const DEAD_LINK = 'This link opens no order';

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

test('a new link takes the place of the old one at once, in every tab, and whoever has the old one is told', async ({
  page,
  stranger,
  troubles,
  visit,
}) => {
  troubles.allow(/status of 404/);
  await visit('/');
  const sent = await orderQuickly(page);
  await visit(`/orders/${sent.id}`);
  const other = await page.context().newPage();
  await visit(`/orders/${sent.id}`, other);
  const link = (tab: typeof page) => tab.locator('#link code');
  const old = await link(page).innerText();
  await visit(old, stranger);
  await expect(stranger.locator('.slip-number')).toContainText(sent.number);
  await expect(stranger.getByRole('button', { name: 'New link' })).toHaveCount(0);

  await page.evaluate(() => document.body.setAttribute('data-same-page', 'yes'));
  await page.getByRole('button', { name: 'New link' }).click();
  await expect(page.locator('.pass-on')).toContainText('The link before this one opens nothing any more.');
  await expect(link(page)).not.toHaveText(old);
  await expect(page.locator('#announcer')).toContainText('There is a new link.');
  await expect(page.getByRole('button', { name: 'New link' })).toBeFocused();
  await expect(page.locator('body'), 'the page was not left').toHaveAttribute('data-same-page', 'yes');
  const replaced = await link(page).innerText();
  await expect(link(other), 'the other tab shows it by itself').toHaveText(replaced);
  await expect(heading(stranger), 'nobody has to look again').toHaveText(DEAD_LINK);

  await visit(replaced, stranger);
  await expect(stranger.locator('.slip-number')).toContainText(sent.number);
  await page.getByText('Everything that happened').click();
  await expect(page.locator('.history')).toContainText('The private link was replaced');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a new link is made by a form', async ({ page, shop, stranger, visit }) => {
    await visit('/');
    const sent = await buy(page, 'Six graphite pencils');
    await shop.receipt(sent.id);
    const link = page.locator('#link code');
    const old = await link.innerText();
    await page.getByRole('button', { name: 'New link' }).click();
    await expect(page).toHaveURL(new RegExp(`/orders/${sent.id}#link$`));
    await expect(page.locator('.pass-on')).toContainText('The link before this one opens nothing any more.');
    await expect(link).not.toHaveText(old);
    const [dead, alive] = [await stranger.request.get(old), await stranger.request.get(await link.innerText())];
    expect([dead.status(), alive.status()]).toEqual([404, 200]);
    expect(alive.headers()['x-robots-tag']).toBe('noindex');
  });
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
  const made_up = ['/orders/ord_nothing', '/orders/ord_00000000000000000000000000', '/no/such/page'];
  for (const path of [`/orders/${sent.id}`, ...made_up]) {
    const answer = await stranger.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(heading(stranger), path).toHaveText(NOTHING);
  }
  expect((await stranger.goto('/track/made-up'))?.status()).toBe(404);
  await expect(heading(stranger)).toHaveText(DEAD_LINK);
  const foreign = await stranger.request.get(`/api/v1/orders/${sent.id}`);
  const unknown = await stranger.request.get('/api/v1/orders/ord_00000000000000000000000000');
  expect([foreign.status(), unknown.status()]).toEqual([404, 404]);
});
