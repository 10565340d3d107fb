import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import { CONFIRMED, fillIn, goToCheckout, heading, orderQuickly, putIntoCart, sendButton } from '../shopper.js';

// Every page is looked through four times, by a tool that takes its time.
test.describe.configure({ timeout: 240_000 });

/** Nobody has to push the page to the side to read it. */
async function expectToFit(page: Page, size: string): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect.soft(overflow, `${page.url()} fits into ${size}`).toBeLessThanOrEqual(0);
}

/** Everybody can use the page as it stands: on a phone and on a desk, by day and by night, in letters twice as large. */
async function expectAccessible(page: Page): Promise<void> {
  for (const width of [768, 390, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    await expectToFit(page, `${width} pixels`);
    if (width === 768) continue;
    await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
    await expectToFit(page, `${width} pixels in large letters`);
    await page.evaluate(() => document.documentElement.style.removeProperty('font-size'));
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const axe = new AxeBuilder({ page });
      // By night only the colours are others.
      const { violations } = await (colorScheme === 'dark' ? axe.withRules('color-contrast') : axe).analyze();
      const words = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' · ')}`);
      expect.soft(words, `${page.url()} at ${width} pixels, ${colorScheme}`).toEqual([]);
    }
  }
}

const SHOP = ['/', '/?query=mug', '/?query=zzz', '/cart', '/checkout', '/orders'];
const HELP = ['/help', '/help/delayed', '/problems/card-declined', '/api/docs'];

for (const path of [...SHOP, ...HELP]) {
  test(`is accessible: ${path}`, async ({ page }) => {
    await page.goto(path);
    await expect(heading(page)).toBeVisible();
    await expectAccessible(page);
  });
}

test('is accessible: the page of an unknown address', async ({ page, troubles }) => {
  troubles.allow(/status of 404/);
  await page.goto('/no/such/page');
  await expectAccessible(page);
});

test('is accessible from the cart to a checkout with errors', async ({ page, visit }) => {
  await visit('/');
  await putIntoCart(page, 'Blue mug');
  await page.getByRole('link', { name: /^Cart/ }).click();
  await expect(heading(page)).toHaveText('Your cart');
  await expectAccessible(page);
  await goToCheckout(page);
  await expectAccessible(page);
  await fillIn(page, { email: 'nowhere', city: '', note: '4242 4242 4242 4242' });
  await sendButton(page).click();
  await expect(page.getByRole('heading', { name: '3 fields need another look' })).toBeVisible();
  await expectAccessible(page);
});

const STATES: { words: string; order?: Parameters<typeof orderQuickly>[1]; down?: boolean }[] = [
  { words: CONFIRMED },
  { words: 'Your bank declined the card', order: { token: 'pm_card_chargeDeclined' } },
  { words: 'We cannot deliver to this address', order: { postcode: '00000' } },
  { words: 'We could not complete your order', order: { postcode: '00001' } },
  { words: 'We are checking your order by hand', order: { token: 'pm_card_riskLevelElevated' } },
  { words: 'Your order is safe, but this is taking longer than usual', down: true },
];

for (const { words, order, down } of STATES) {
  test(`is accessible when an order says: ${words}`, async ({ page, shop, visit }) => {
    if (down) await shop.fault('payment', { mode: 'down' });
    await visit('/');
    const { id } = await orderQuickly(page, order);
    await visit(`/orders/${id}`);
    await expect(heading(page)).toHaveText(words);
    await expectAccessible(page);
  });
}

for (const deliver of [false, true]) {
  test(`is accessible when a parcel is ${deliver ? 'delivered' : 'on its way'}`, async ({ page, shop, visit }) => {
    await shop.sendParcels({ deliver });
    await visit('/');
    const { id } = await orderQuickly(page);
    await visit(`/orders/${id}`);
    await expect(heading(page)).toHaveText(deliver ? 'Delivered' : 'On its way');
    await expectAccessible(page);
  });
}

test('is accessible before an order is cancelled', async ({ page, visit }) => {
  await visit('/');
  const { id } = await orderQuickly(page);
  await visit(`/orders/${id}?cancel=ask`);
  await expect(page.getByRole('heading', { name: 'Cancel this order?' })).toBeVisible();
  await expectAccessible(page);
});

test('is accessible: the report and the menu of orders', async ({ page, shop, visit }) => {
  await visit('/');
  for (const token of ['pm_card_visa', 'pm_card_chargeDeclined', 'pm_card_riskLevelElevated']) {
    await orderQuickly(page, { token });
  }
  await shop.fault('payment', { mode: 'down' });
  await orderQuickly(page);
  await visit('/orders');
  await expect(page.locator('.order-row')).toHaveCount(4);
  await page.locator('.tray summary').click();
  await expect(page.locator('.tray-list')).toBeVisible();
  await expectAccessible(page);
});

/** The first key on a page leads past its head. */
async function skipToContent(page: Page): Promise<void> {
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#main')).toBeFocused();
}

test('an order is made by keyboard alone, and every page offers the way to its content first', async ({ page, visit }) => {
  await visit('/');
  await skipToContent(page);
  await page.getByRole('button', { name: /^Add to cart.*Blue mug$/ }).press('Enter');
  await expect(page.getByText('1 in your cart', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: /^Cart/ }).press('Enter');
  await expect(heading(page)).toHaveText('Your cart');
  await skipToContent(page);
  await page.getByRole('button', { name: 'Go to checkout' }).press('Enter');
  await expect(heading(page)).toHaveText('Checkout');
  await skipToContent(page);
  await fillIn(page);
  await page.getByLabel('City').press('Enter');
  await expect(heading(page)).toHaveText(CONFIRMED);
});
