import type { Page, Route } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import { inCart, product, takenOver } from '../shopper.js';

/** Holds every answer to "Add to cart" until it is told to let them go. Tells how many were sent. */
async function heldAdditions(page: Page) {
  const held: Route[] = [];
  let open = false;
  await page.route('**/actions/add_to_cart', async (route) => {
    if (open) return route.continue();
    held.push(route);
  });
  return {
    sent: () => held.length,
    letGo: async () => {
      open = true;
      for (const route of held) await route.continue();
    },
  };
}

const add = (page: Page, name: string) =>
  product(page, name).getByRole('button', { name: /^Add to cart/ }).click();

test('two products that are added at once are both in the cart', async ({ page, visit }) => {
  await visit('/');
  await takenOver(page);
  const additions = await heldAdditions(page);
  await add(page, 'Blue mug');
  await add(page, 'Blue-black ink');
  await expect.poll(additions.sent).toBe(1);
  await additions.letGo();
  await expect(inCart(page)).toHaveAttribute('data-count', '2');
  await visit('/cart');
  await expect(page.locator('.cart-line')).toHaveCount(2);
});

test('two products that are added in two tabs at once are both in the cart', async ({ page, visit, context }) => {
  await visit('/');
  await takenOver(page);
  const other = await context.newPage();
  await other.goto('/');
  await takenOver(other);
  const [here, there] = [await heldAdditions(page), await heldAdditions(other)];
  await add(page, 'Blue mug');
  await expect.poll(here.sent).toBe(1);
  await add(other, 'Blue-black ink');
  await there.letGo();
  await here.letGo();
  await expect(inCart(page)).toHaveAttribute('data-count', '2');
  await expect(inCart(other)).toHaveAttribute('data-count', '2');
  await visit('/cart');
  await expect(page.locator('.cart-line')).toHaveCount(2);
});

test('an addition that is not answered does not block the next one', async ({ page, visit, troubles }) => {
  troubles.allow(/ERR_FAILED/);
  await visit('/');
  await takenOver(page);
  await page.route('**/actions/add_to_cart', (route) => route.abort(), { times: 1 });
  await add(page, 'Blue mug');
  await add(page, 'Blue-black ink');
  await expect(inCart(page)).toHaveAttribute('data-count', '1');
});
