import { expect, test } from '../fixtures.js';
import { CONFIRMED, fillIn, goToCheckout, heading, putIntoCart, sendButton, takenOver } from '../shopper.js';

const CODE = '**/*.wasm';

test('what was typed, chosen and opened before the code of a page is there stays', async ({ page, visit }) => {
  await visit('/');
  await putIntoCart(page, 'Blue mug');
  await goToCheckout(page);
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  await page.route(CODE, async (route) => {
    await arrived;
    await route.continue();
  });
  await page.reload({ waitUntil: 'commit' });
  await page.getByRole('radio', { name: 'Invoice' }).check();
  await page.getByLabel('Country').selectOption('France');
  await page.getByLabel('Note').fill('Ring twice');
  await page.locator('.tray summary').click();
  await page.getByLabel('City').fill('Lyon');
  await page.getByLabel('City').press('ArrowLeft');

  arrive();
  await takenOver(page);
  await expect(page.getByLabel('City')).toBeFocused();
  await page.keyboard.type('-');
  await expect(page.getByLabel('City')).toHaveValue('Lyo-n');
  await expect(page.getByRole('radio', { name: 'Invoice' })).toBeChecked();
  await expect(page.getByLabel('Country')).toHaveValue('FR');
  await expect(page.getByLabel('Note')).toHaveValue('Ring twice');
  await expect(page.locator('.tray-list')).toBeVisible();
});

test('a page whose code never arrives takes orders all the same', async ({ page, shop, troubles }) => {
  await shop.fault('payment', { mode: 'down' });
  troubles.allow(/ERR_FAILED|error of a page/);
  await page.route(CODE, (route) => route.abort());
  await page.goto('/');
  const card = page.locator('#p-mug-blue');
  await card.getByRole('button', { name: /^Add to cart/ }).click();
  await expect(card.getByText('1 in your cart')).toBeVisible();
  await page.goto('/checkout');
  await fillIn(page);
  await sendButton(page).click();
  await page.waitForURL(/\/orders\/ord_\w+$/);
  await expect(heading(page)).toHaveText('Your order is safe, but this is taking longer than usual');
  await shop.heal();
  await expect(heading(page), 'the page looks again by itself').toHaveText(CONFIRMED);
});
