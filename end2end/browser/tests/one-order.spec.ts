import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import {
  CONFIRMED,
  fillIn,
  goToCheckout,
  heading,
  orderOnPage,
  orders,
  putIntoCart,
  send,
  sendButton,
} from '../shopper.js';
import type { Server } from '../server.js';

/** However it was sent, the shopper has one order with one charge. */
async function expectOneOrder(page: Page, shop: Server): Promise<void> {
  await expect(heading(page)).toHaveText(CONFIRMED);
  const all = await orders(page);
  expect(all.map((order) => `/orders/${order.id}`)).toEqual([new URL(page.url()).pathname]);
  expect(await shop.payments(all[0]?.id ?? '')).toMatchObject([{ status: 'succeeded' }]);
}

test.beforeEach(async ({ page, visit }) => {
  await visit('/');
  await putIntoCart(page, 'Eight postcards');
  await goToCheckout(page);
  await fillIn(page);
});

test('a double click makes one order', async ({ page, shop }) => {
  await sendButton(page).dblclick();
  await orderOnPage(page);
  await expectOneOrder(page, shop);
});

test('reloading the page of the order and going back make no second one', async ({ page, shop }) => {
  const sent = await send(page);
  await page.reload();
  await expect(heading(page)).toHaveText(CONFIRMED);
  await page.goBack();
  await expect(heading(page)).toHaveText('Checkout');
  await expect(page.getByText('Your cart is empty')).toBeVisible();
  await page.goForward();
  await expect(page).toHaveURL(new RegExp(`${sent.id}$`));
  await expectOneOrder(page, shop);
});

test('a form whose answer got lost is sent again by itself and makes one order', async ({ page, shop, troubles }) => {
  troubles.allow(/ERR_CONNECTION_RESET/);
  const loseAnswer = { times: 1 };
  await page.route('**/actions/send_order', async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  }, loseAnswer);
  await sendButton(page).click();
  await expect(page.getByText('There is no connection, so we keep your order here')).toBeVisible();
  await orderOnPage(page);
  await expectOneOrder(page, shop);
});

test('a form sent without a connection is kept and sent once there is one', async ({
  page,
  context,
  shop,
  troubles,
}) => {
  troubles.allow(/ERR_INTERNET_DISCONNECTED/);
  await context.setOffline(true);
  await sendButton(page).click();
  await expect(page.getByText('There is no connection, so we keep your order here')).toBeVisible();
  await expect(page.getByLabel('Street and number')).toHaveValue('1 Main St');
  await context.setOffline(false);
  await orderOnPage(page);
  await expectOneOrder(page, shop);
});

test('the same cart sent from two tabs makes one order', async ({ page, context, shop, visit }) => {
  const other = await context.newPage();
  await visit('/checkout', other);
  await fillIn(other);
  const [sent, again] = [await send(page), await send(other)];
  expect(again.id).toBe(sent.id);
  await expectOneOrder(page, shop);
});

test('the same cart sent again with other details says that an order is on its way', async ({
  page,
  context,
  visit,
}) => {
  const other = await context.newPage();
  await visit('/checkout', other);
  await fillIn(other, { street: '2 Side St' });
  await send(page);
  await sendButton(other).click();
  await expect(other.getByRole('heading', { name: 'An order from this cart is already on its way' })).toBeVisible();
  await expect(other.getByLabel('Street and number')).toHaveValue('2 Side St');
  expect(await orders(page)).toHaveLength(1);
});
