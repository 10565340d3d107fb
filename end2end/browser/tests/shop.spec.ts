import { expect, test } from '../fixtures.js';
import {
  changeQuantity,
  fillIn,
  goToCheckout,
  heading,
  inCart,
  product,
  putIntoCart,
  send,
  takenOver,
} from '../shopper.js';

/** A visitor on a telephone waits for every byte of it, once. */
const MOST_BYTES_OF_CODE = 210_000;

test('the shop is rendered by the server and taken over by little code of the browser', async ({ page }) => {
  const wasm = page.waitForResponse((answer) => answer.url().endsWith('.wasm'));
  const document = await page.goto('/');
  expect(await document?.text()).toContain('Blue mug');
  const headers = (await wasm).headers();
  const { responseBodySize } = await (await wasm).request().sizes();
  expect(responseBodySize).toBeGreaterThan(0);
  expect(responseBodySize).toBeLessThanOrEqual(MOST_BYTES_OF_CODE);
  expect(headers['content-encoding']).toBe('br');
  expect(headers['cache-control']).toContain('immutable');
});

test('searches and categories are addresses that can be kept, sent and gone back to', async ({ page, visit }) => {
  await visit('/');
  const everything = await page.locator('.product').count();
  expect(everything).toBe(24);

  await page.getByRole('navigation', { name: 'Categories' }).getByRole('link', { name: 'Paper' }).click();
  await expect(page).toHaveURL('/?category=Paper');
  await expect(heading(page)).toHaveText('Paper');
  await expect(product(page, 'Dotted notebook')).toBeVisible();
  await expect(product(page, 'Blue mug')).toHaveCount(0);

  await page.getByRole('searchbox', { name: 'Search the shop' }).fill('linen');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page).toHaveURL('/?query=linen');
  await expect(heading(page)).toHaveText('Results for “linen”');
  await expect(product(page, 'Linen tea towel')).toBeVisible();
  await expect(page.getByRole('searchbox', { name: 'Search the shop' })).toHaveValue('linen');

  await page.goBack();
  await expect(heading(page)).toHaveText('Paper');
  await page.goto('/?query=mugs');
  await expect(product(page, 'Blue mug')).toBeVisible();
  await page.goto('/?query=no+such+thing');
  await expect(page.getByText('Nothing in the shop goes by these words.')).toBeVisible();
});

test('what is sold out says so and cannot be put into the cart', async ({ page, visit }) => {
  await visit('/');
  const calendar = product(page, 'Letterpress calendar');
  await expect(calendar).toContainText('Sold out');
  await expect(calendar.getByRole('button')).toHaveCount(0);
  await expect(product(page, 'Blue mug').getByRole('button')).toBeVisible();
});

test('what somebody else bought meanwhile ends the order without a charge', async ({ page, shop, stranger, visit }) => {
  await visit('/');
  await putIntoCart(page, 'Desk lamp');
  await goToCheckout(page);
  await fillIn(page);

  await visit('/', stranger);
  await putIntoCart(stranger, 'Desk lamp');
  await stranger.getByRole('link', { name: /^Cart/ }).click();
  await takenOver(stranger);
  await changeQuantity(stranger, '3');
  await expect(inCart(stranger)).toHaveAttribute('data-count', '3');
  await stranger.getByRole('button', { name: 'Go to checkout' }).click();
  await fillIn(stranger, { name: 'Grace Hopper' });
  const theirs = await send(stranger);
  await expect(heading(stranger)).toHaveText('Your order is confirmed');

  const mine = await send(page);
  await expect(heading(page)).toHaveText('We could not complete your order');
  await expect(page.locator('.slip-state')).toContainText('Something in it was sold out. Nothing was charged.');
  expect(await shop.payments(mine.id)).toEqual([]);
  expect(await shop.payments(theirs.id)).toMatchObject([{ status: 'succeeded', amount_captured: 19_200 }]);

  await visit('/');
  await expect(product(page, 'Desk lamp')).toContainText('Sold out');
});
