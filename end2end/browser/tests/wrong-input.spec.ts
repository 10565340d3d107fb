import { expect, test } from '../fixtures.js';
import {
  CONFIRMED,
  changeQuantity,
  fillIn,
  goToCheckout,
  heading,
  orders,
  putIntoCart,
  send,
  sendButton,
  sumOf,
  takenOver,
} from '../shopper.js';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test.beforeEach(async ({ page, troubles, visit }) => {
      // Without JavaScript the refused page itself is the answer.
      if (!javaScriptEnabled) troubles.allow(/status of 422/);
      await visit('/');
      await putIntoCart(page, 'Linen tea towel');
      await goToCheckout(page);
    });

    test('what was typed stays, with words beside each field that needs another look', async ({ page }) => {
      await fillIn(page, { email: 'ada at example', city: '', note: 'Ring twice', card: 'Card that looks unusual' });
      await sendButton(page).click();

      await expect(page.getByRole('heading', { name: '2 fields need another look' })).toBeVisible();
      await expect(page.getByLabel('E-mail')).toHaveAccessibleDescription(/Use an address such as ada@example.org\.$/);
      await expect(page.getByLabel('City')).toHaveAccessibleDescription('Fill this in.');
      await expect(page.getByLabel('City')).toHaveAttribute('aria-invalid', 'true');
      await expect(page.getByLabel('E-mail')).toHaveValue('ada at example');
      await expect(page.getByLabel('Street and number')).toHaveValue('1 Main St');
      await expect(page.getByLabel('Note')).toHaveValue('Ring twice');
      await expect(page.getByRole('radio', { name: 'Card that looks unusual' })).toBeChecked();
      expect(await orders(page)).toEqual([]);

      await page.getByRole('link', { name: /^City:/ }).click();
      await expect(page.getByLabel('City')).toBeFocused();
      await page.getByLabel('City').fill('Pavia');
      await page.getByLabel('E-mail').fill('ada@example.org');
      await page.getByRole('radio', { name: 'Visa' }).check();
      await send(page);
      await expect(heading(page)).toHaveText(CONFIRMED);
      await expect(page.locator('.facts')).toContainText('Ring twice');
    });

    test('a card number in the note is refused and stored nowhere', async ({ page }) => {
      await fillIn(page, { note: 'Take my card 4242 4242 4242 4242' });
      await sendButton(page).click();
      await expect(page.getByRole('heading', { name: 'One field needs another look' })).toBeVisible();
      await expect(page.getByLabel('Note')).toHaveAccessibleDescription(/card number/);
      expect(await orders(page)).toEqual([]);
    });

    test('a name in the script of somebody else is a name', async ({ page }) => {
      const name = '<script>alert("Ædä")</script> 阿达 “O’Neill”';
      await fillIn(page, { name, email: 'nowhere' });
      await sendButton(page).click();
      await expect(page.getByRole('heading', { name: 'One field needs another look' })).toBeVisible();
      await expect(page.getByLabel('Name', { exact: true })).toHaveValue(name);
      await page.getByLabel('E-mail').fill('ada@example.org');
      await send(page);
      await expect(page.locator('.facts')).toContainText(name);
    });
  });
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(`in the cart, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled });

    test('a quantity that no order can have is answered beside it, and the cart is as it was', async ({
      page,
      troubles,
      visit,
    }) => {
      troubles.allow(/status of 422/);
      await visit('/');
      await putIntoCart(page, 'Linen tea towel');
      await page.getByRole('link', { name: /^Cart/ }).click();
      await takenOver(page);
      for (const wrong of ['1000', '-1', '1.5', '']) {
        await changeQuantity(page, wrong);
        await expect(page.getByLabel('Quantity')).toHaveAccessibleDescription(/^Use a whole number from 1 to 999/);
        await expect(page.getByLabel('Quantity'), 'what was typed is still there').toHaveValue(wrong);
        await expect(sumOf(page)).toHaveText('€9.50');
        await changeQuantity(page, '2');
        await expect(sumOf(page)).toHaveText('€19.00');
        await expect(page.getByLabel('Quantity')).not.toHaveAttribute('aria-invalid');
        await changeQuantity(page, '1');
        await expect(sumOf(page)).toHaveText('€9.50');
      }
    });
  });
}
