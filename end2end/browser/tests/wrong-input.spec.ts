import { expect, test } from '../fixtures.js';
import { CONFIRMED, fillIn, goToCheckout, heading, orders, putIntoCart, send, sendButton } from '../shopper.js';

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

test('a quantity that no order can have is answered beside an unchanged cart', async ({ page, visit }) => {
  await visit('/');
  await putIntoCart(page, 'Linen tea towel');
  await page.getByRole('link', { name: /^Cart/ }).click();
  for (const wrong of ['1000', '-1', '1.5']) {
    await page.getByLabel('Quantity').fill(wrong);
    await page.getByRole('button', { name: 'Update' }).click();
    await expect(page.getByRole('alert')).toContainText('Use a whole number from 1 to 999');
    await expect(page.locator('.totals .sum').last()).toHaveText('€9.50');
    await page.getByLabel('Quantity').fill('2');
    await page.getByRole('button', { name: 'Update' }).click();
    await expect(page.locator('.totals .sum').last()).toHaveText('€19.00');
    await expect(page.getByRole('alert')).toHaveCount(0);
    await page.getByLabel('Quantity').fill('1');
    await page.getByRole('button', { name: 'Update' }).click();
    await expect(page.locator('.totals .sum').last()).toHaveText('€9.50');
  }
});
