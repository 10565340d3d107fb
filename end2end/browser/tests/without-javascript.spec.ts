import { expect, test } from '../fixtures.js';
import {
  CONFIRMED,
  buy,
  changeQuantity,
  fillIn,
  goToCheckout,
  heading,
  inCart,
  order,
  orders,
  product,
  putIntoCart,
  step,
  sumOf,
} from '../shopper.js';

test.use({ javaScriptEnabled: false });

test('an order is made by forms alone, and its page loads itself again until it is confirmed', async ({
  page,
  shop,
  visit,
}) => {
  await shop.fault('payment', { mode: 'down' });
  await visit('/?category=Kitchen');
  const sent = await buy(page, 'Small teapot');
  await expect(heading(page)).toHaveText('Your order is safe, but this is taking longer than usual');
  await expect(step(page, 'Setting your items aside')).toHaveAttribute('data-state', 'succeeded');

  await shop.heal();
  await expect(heading(page)).toHaveText(CONFIRMED);
  await expect(page.locator('.steps > li[data-state="succeeded"]')).toHaveCount(5);
  expect(await shop.payments(sent.id)).toMatchObject([{ status: 'succeeded' }]);
  await expect(page.locator('meta[http-equiv="refresh"]'), 'a page at rest stays at rest').toHaveCount(0);
});

test('the cart is changed by forms alone', async ({ page, visit }) => {
  await visit('/');
  await putIntoCart(page, 'Blue mug');
  await expect(page, 'the shop is shown where it was left').toHaveURL(/#p-mug-blue$/);
  await putIntoCart(page, 'Blue mug');
  await expect(product(page, 'Blue mug')).toContainText('2 in your cart');

  await page.getByRole('link', { name: /^Cart/ }).click();
  await changeQuantity(page, '3');
  await expect(sumOf(page)).toHaveText('€37.50');
  await page.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('Nothing is in it.')).toBeVisible();
  await expect(inCart(page)).toHaveAttribute('data-count', '0');
});

test('a form that is sent twice makes one order and leads to it both times', async ({ page, shop, visit }) => {
  await visit('/');
  await putIntoCart(page, 'Six graphite pencils');
  await goToCheckout(page);
  await fillIn(page);
  const form = await page.locator('main form').evaluate((form) => {
    return Object.fromEntries([...new FormData(form as HTMLFormElement)].map(([name, value]) => [name, String(value)]));
  });
  const post = () => page.request.post('/checkout', { form, maxRedirects: 0 });
  const answers = await Promise.all([post(), post(), post()]);
  for (const answer of answers) expect(answer.status()).toBe(303);
  const places = new Set(answers.map((answer) => answer.headers()['location']));
  expect(places.size).toBe(1);

  const [only, ...others] = await orders(page);
  expect(others).toEqual([]);
  await expect.poll(async () => (await order(page, only?.id ?? '')).state).toBe('confirmed');
  expect(await shop.payments(only?.id ?? '')).toHaveLength(1);
});

test('a declined card is replaced and an order is cancelled by forms alone', async ({ page, shop, visit }) => {
  await visit('/');
  const sent = await buy(page, 'Blue-black ink', { card: 'Card the bank declines' });
  await expect(heading(page)).toHaveText('Your bank declined the card');
  await page.getByRole('radio', { name: 'Visa' }).check();
  await page.getByRole('button', { name: 'Use another card' }).click();
  await expect(heading(page)).toHaveText(CONFIRMED);
  expect(new URL(page.url()).pathname).toBe(`/orders/${sent.id}`);

  await page.getByRole('link', { name: 'Cancel order' }).click();
  await page.getByRole('button', { name: 'Yes, cancel the order' }).click();
  await expect(heading(page)).toHaveText('Order cancelled');
  await expect(page.locator('.slip-state')).toContainText('€8.90 goes back to your card in 5–10 days');
  const charged = (await shop.payments(sent.id)).filter((payment) => payment.status === 'succeeded');
  expect(charged).toMatchObject([{ amount_captured: 890, amount_refunded: 890 }]);
});
