import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import { CONFIRMED, expectSameDocument, heading, inProgress, markDocument, order, orderQuickly, type Order } from '../shopper.js';

const DECLINED = 'pm_card_chargeDeclined';

/** Of these the shop has enough for every story. */
const PAPER = ['postcards', 'pencils', 'tea-towel', 'dot-notebook'];
const BOTTLES = ['ink-bottle', 'storage-jar', 'steel-bottle', 'wrapping-paper'];

/** Many orders of this browser, the oldest first. */
async function orderMany(page: Page, count: number, skus: string[]): Promise<Order[]> {
  const made: Order[] = [];
  while (made.length < count) made.push(await orderQuickly(page, { sku: skus[made.length % skus.length] }));
  return made;
}

/** Waits until none of this browser's orders goes on by itself. */
async function settled(page: Page): Promise<void> {
  const moving = async () => {
    const lists = ['received', 'processing'].map((state) => page.request.get(`/api/v1/orders?state=${state}`));
    const found = await Promise.all(lists.map(async (list) => (await list).json() as Promise<{ orders: Order[] }>));
    return found.flatMap(({ orders }) => orders).length;
  };
  await expect.poll(moving, 'orders that move').toBe(0);
}

/** Waits until an order has come to a state. */
async function until(page: Page, id: string, state: string): Promise<void> {
  await expect.poll(async () => (await order(page, id)).state, `${id} is ${state}`).toBe(state);
}

function group(page: Page, name: string): Locator {
  return page.getByRole('region', { name });
}

function rows(within: Page | Locator): Locator {
  return within.locator('.order-row');
}

/** The pointer and the focus are nowhere near the rows, so that they may change their places. */
async function lookOn(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
}

async function find(page: Page, words: string, which = 'All orders'): Promise<void> {
  await page.getByLabel('Find').fill(words);
  await page.getByLabel('Which').selectOption(which);
  await page.getByRole('button', { name: 'Show' }).click();
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('an old order that needs somebody comes first, however many are newer', async ({ page, visit }) => {
      test.slow();
      await visit('/');
      const old = await orderQuickly(page, { sku: 'mug-blue', token: DECLINED });
      await until(page, old.id, 'action_required');
      const newer = await orderMany(page, 110, PAPER);
      await settled(page);

      await visit('/orders');
      await expect(rows(group(page, 'Needs you'))).toHaveCount(1);
      await expect(rows(group(page, 'Done'))).toHaveCount(50);
      await expect(page.getByRole('heading', { name: 'Done 110' })).toBeVisible();
      await expect(group(page, 'In progress'), 'what is empty takes no room').toHaveCount(0);

      const row = rows(group(page, 'Needs you'));
      for (const words of [old.number, 'Blue mug', '€12.50', 'Your bank declined the card', 'Items held until']) {
        await expect(row).toContainText(words);
      }
      await expect(row, 'the hold is said once').not.toContainText('are held');
      await row.getByRole('link', { name: `Use another card for order ${old.number}` }).click();
      await expect(page).toHaveURL(new RegExp(`/orders/${old.id}#`));
      await expect(page.getByRole('form', { name: 'Use another card' })).toBeInViewport();

      await visit('/orders');
      await page.getByRole('link', { name: 'Older orders' }).click();
      await expect(rows(group(page, 'Done'))).toHaveCount(50);
      await page.getByRole('link', { name: 'Older orders' }).click();
      await expect(rows(group(page, 'Done'))).toHaveCount(10);
      await expect(page.getByRole('link', { name: 'Older orders' })).toHaveCount(0);
      const oldest = newer[0]?.number ?? '';
      await expect(page.getByRole('link', { name: oldest })).toBeVisible();
      await page.getByRole('link', { name: 'Newest orders' }).first().click();
      await expect(rows(group(page, 'Needs you'))).toHaveCount(1);

      await find(page, oldest.toLowerCase().replace('-', ' '));
      await expect(page.getByText('1 order found')).toBeVisible();
      await expect(rows(page)).toContainText([oldest]);
      await find(page, 'mug');
      await expect(rows(page)).toContainText([old.number]);
      await find(page, 'POSTCARDS', 'Done');
      await expect(page.getByText('28 orders found for “POSTCARDS”')).toBeVisible();
      await find(page, 'mug', 'Done');
      await expect(page.getByText('No order goes by these words.')).toBeVisible();
      await page.getByRole('link', { name: 'Look among all orders' }).click();
      await expect(rows(page)).toContainText([old.number]);
    });

    test('the head of every page counts all open orders and lists those that need somebody first', async ({
      page,
      shop,
      visit,
    }) => {
      await visit('/');
      const needy = await orderQuickly(page, { token: DECLINED });
      await until(page, needy.id, 'action_required');
      await shop.fault('payment', { mode: 'down' });
      const waiting = await orderMany(page, 24, BOTTLES);
      await visit('/help');
      await expect(inProgress(page)).toHaveAttribute('data-count', '25');
      await page.locator('.tray summary').click();
      const list = page.locator('.tray-list');
      await expect(list.getByRole('listitem')).toHaveCount(5);
      await expect(list.getByRole('listitem').first()).toContainText(needy.number);
      await expect(list.getByRole('listitem').nth(1)).toContainText(waiting.at(-1)?.number ?? '');
      await expect(list).toContainText('and 20 more');
    });
  });
}

test('a row changes in place, and a filter holds for what changes and for what is new', async ({ page, shop, visit }) => {
  await visit('/');
  await shop.fault('payment', { mode: 'down' });
  const first = await orderQuickly(page, { sku: 'mug-blue' });
  await visit('/orders?query=mug');
  await markDocument(page);
  await lookOn(page);
  const row = rows(page).filter({ hasText: first.number });
  await expect(group(page, 'In progress').locator(row)).toContainText('Taking longer than usual');
  await expect(row).toContainText('The payment service is not answering.');

  await row.hover();
  const place = await row.boundingBox();
  await shop.heal();
  await expect(row).toContainText(CONFIRMED);
  expect(await row.boundingBox().then((box) => box?.y), 'nothing moves under the pointer').toBe(place?.y);
  await expect(group(page, 'In progress').locator(row)).toBeVisible();
  await lookOn(page);
  await expect(group(page, 'Done').locator(row)).toContainText('€12.50 paid');

  const [other, second] = [await orderQuickly(page), await orderQuickly(page, { sku: 'mug-blue', token: DECLINED })];
  await expect(group(page, 'Needs you')).toContainText(second.number);
  await expect(page.getByText('2 orders found for “mug”')).toBeVisible();
  await until(page, other.id, 'confirmed');
  await expect(rows(page)).toHaveCount(2);
  await expectSameDocument(page);

  await visit('/orders?group=needs-you');
  await expect(rows(page)).toHaveCount(1);
  const third = await orderQuickly(page, { token: DECLINED });
  await expect(rows(page)).toContainText([third.number, second.number]);
});

test('the count in the head stays right when an order beyond the list is done', async ({ page, shop, visit }) => {
  await visit('/');
  await shop.fault('payment', { mode: 'down' });
  const waiting = await orderMany(page, 14, BOTTLES);
  await visit('/');
  await markDocument(page);
  await expect(inProgress(page)).toHaveAttribute('data-count', '14');
  // The page was told of the newest ten only.
  const answer = await page.request.post(`/api/v1/orders/${waiting[0]?.id}/cancel`);
  expect(answer.status()).toBe(202);
  await shop.heal();
  await expect(inProgress(page)).toHaveAttribute('data-count', '0');
  await page.locator('.tray summary').click();
  await expect(page.locator('.tray-list')).toContainText('No orders in progress.');
  await expectSameDocument(page);
});

test('the list in the head goes away when somebody turns away from it', async ({ page, visit }) => {
  await visit('/');
  await orderQuickly(page, { token: DECLINED });
  const summary = page.locator('.tray summary');
  const list = page.locator('.tray-list');
  await expect(inProgress(page)).toHaveAttribute('data-count', '1');

  await summary.press('Enter');
  await expect(list).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(list.getByRole('link').first()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(list).toBeHidden();
  await expect(summary, 'the focus is back where it came from').toBeFocused();

  await summary.click();
  await expect(list).toBeVisible();
  await heading(page).click();
  await expect(list, 'a click elsewhere closes it').toBeHidden();

  await summary.click();
  for (const link of await list.getByRole('link').all()) {
    await page.keyboard.press('Tab');
    await expect(link).toBeFocused();
  }
  await page.keyboard.press('Tab');
  await expect(list, 'and so does the focus when it leaves').toBeHidden();
});

test('nothing is done yet, everything is done: the report says so in a line', async ({ page, visit }) => {
  await visit('/orders');
  await expect(page.getByText('Nothing was ordered in this browser yet.')).toBeVisible();
  const made = await orderQuickly(page, { sku: 'mug-blue' });
  await lookOn(page);
  await expect(group(page, 'Done')).toContainText(made.number);
  await expect(page.getByText('Nothing needs you, and nothing is in progress.')).toBeVisible();
  await visit('/orders?group=needs-you');
  await expect(page.getByText('No order needs you.')).toBeVisible();
});

test('the report fits a phone', async ({ page, shop, visit }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await visit('/');
  for (const token of [DECLINED, 'pm_card_riskLevelElevated', 'pm_card_visa']) await orderQuickly(page, { token });
  await shop.fault('payment', { mode: 'down' });
  await orderMany(page, 8, BOTTLES);
  for (const address of ['/orders', '/orders?query=a']) {
    await visit(address);
    await expect(rows(page).first()).toBeVisible();
    await page.locator('.tray summary').click();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, `${address} scrolls sideways`).toBeLessThanOrEqual(0);
  }
});
