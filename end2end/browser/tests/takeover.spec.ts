import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import { CONFIRMED, fillIn, goToCheckout, heading, putIntoCart, sendButton, takenOver } from '../shopper.js';

const CODE = '**/*.wasm';

/** Reloads the page and holds its code back until the returned function is called. */
async function reloadWithoutCode(page: Page): Promise<() => void> {
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  await page.route(CODE, async (route) => {
    await arrived;
    await route.continue();
  });
  await page.reload({ waitUntil: 'commit' });
  return arrive;
}

test('what was typed, chosen and opened before the code of a page is there stays', async ({ page, visit }) => {
  await visit('/');
  await putIntoCart(page, 'Blue mug');
  await goToCheckout(page);
  const arrive = await reloadWithoutCode(page);
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

test('a page that was translated and that an extension has added to is taken over', async ({ page, visit }) => {
  await visit('/');
  await putIntoCart(page, 'Blue mug');
  await goToCheckout(page);
  const arrive = await reloadWithoutCode(page);
  await expect(sendButton(page)).toBeVisible();
  await page.evaluate(() => {
    // Like the translation of Chrome, which wraps every text in a `<font>`.
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts) {
      const name = text.parentElement?.tagName ?? '';
      if (!text.data.trim() || /^(SCRIPT|STYLE|TITLE|TEXTAREA|OPTION)$/.test(name)) continue;
      const font = document.createElement('font');
      text.replaceWith(font);
      font.append(text);
    }
    // Like a password manager, which puts a button beside each field.
    for (const field of document.querySelectorAll('input:not([type=hidden])')) {
      field.after(document.createElement('com-extension-icon'));
    }
  });

  arrive();
  await takenOver(page);
  await fillIn(page);
  await sendButton(page).click();
  await expect(heading(page)).toHaveText(CONFIRMED);
});
