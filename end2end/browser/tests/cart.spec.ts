import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import {
  changeQuantity,
  expectSameDocument,
  fillIn,
  goToCheckout,
  heading,
  inCart,
  markDocument,
  orderQuickly,
  product,
  putIntoCart,
  send,
  sendButton,
  sumOf,
  takenOver,
} from '../shopper.js';

test('a changed quantity counts at once, is said, and the page stays', async ({ page, visit }) => {
  await visit('/');
  await putIntoCart(page, 'Blue mug');
  await putIntoCart(page, 'Blue-black ink');
  await visit('/cart');
  await markDocument(page);
  const mugs = page.getByLabel('Quantity of Blue mug');
  await mugs.fill('3');
  await mugs.press('Tab');
  await expect(sumOf(page)).toHaveText('€46.40');
  await expect(page.locator('#announcer')).toHaveText('4 items in your cart, €46.40.');
  await expect(inCart(page)).toHaveAttribute('data-count', '4');

  await page.getByRole('button', { name: 'Remove Blue mug' }).click();
  await expect(page.getByRole('heading', { name: 'Blue mug' })).toHaveCount(0);
  await expect(page.locator('#announcer')).toHaveText('1 item in your cart, €8.90.');
  await expect(page.getByLabel('Quantity of Blue-black ink')).toHaveValue('1');

  await page.getByRole('button', { name: 'Remove Blue-black ink' }).click();
  await expect(page.getByText('Nothing is in it.')).toBeVisible();
  await expect(heading(page), 'the focus is not lost with what was removed').toBeFocused();
  await expectSameDocument(page);
});

/** From here on every answer takes a while. */
async function farAway(page: Page): Promise<void> {
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  const unlimited = { downloadThroughput: -1, uploadThroughput: -1 };
  await network.send('Network.emulateNetworkConditions', { offline: false, latency: 1_500, ...unlimited });
}

test('nothing is lost while the answers take their time', async ({ page, visit }) => {
  await visit('/');
  for (const name of ['Blue mug', 'Blue-black ink', 'Eight postcards']) await putIntoCart(page, name);
  await visit('/cart');
  await farAway(page);
  await page.getByLabel('Quantity of Blue mug').fill('3');
  await page.getByRole('button', { name: 'Remove Blue-black ink' }).click();
  await page.getByRole('button', { name: 'Remove Eight postcards' }).click();
  await expect(page.locator('.cart-line')).toHaveCount(1);
  await expect(page.getByLabel('Quantity of Blue mug')).toHaveValue('3');
  await expect(sumOf(page)).toHaveText('€37.50');
});

test('what is being typed beside one product is not sent with another', async ({ page, visit }) => {
  await visit('/');
  await putIntoCart(page, 'Blue mug');
  await putIntoCart(page, 'Blue-black ink');
  await visit('/cart');
  const [mugs, inks] = [page.getByLabel('Quantity of Blue mug'), page.getByLabel('Quantity of Blue-black ink')];
  await farAway(page);
  await mugs.fill('2');
  await inks.focus();
  await inks.fill('');
  await expect(sumOf(page)).toHaveText('€33.90');
  await expect(inks, 'nobody is interrupted while they type').toBeFocused();
  await expect(inks).toHaveValue('');
  await expect(inks).not.toHaveAttribute('aria-invalid');
  await inks.fill('4');
  await inks.press('Tab');
  await expect(sumOf(page)).toHaveText('€60.60');
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('a number that was typed counts on the way to the checkout, without another button', async ({ page, visit }) => {
      await visit('/');
      await putIntoCart(page, 'Blue mug');
      await visit('/cart');
      await page.getByLabel('Quantity').fill('4');
      await page.getByRole('button', { name: 'Go to checkout' }).click();
      await expect(heading(page)).toHaveText('Checkout');
      await expect(page.locator('.lines tfoot')).toContainText('€50.00');
      await page.getByRole('link', { name: 'Change the cart' }).click();
      await expect(page.getByLabel('Quantity')).toHaveValue('4');
    });

    test('nobody is led to order more than there is', async ({ page, troubles, visit }) => {
      troubles.allow(/status of 422/);
      await visit('/');
      const clock = product(page, 'Wall clock');
      const there = Number(/\d+/.exec((await clock.locator('.stock').textContent()) ?? '')?.[0]);
      expect(there).toBeGreaterThan(0);
      await putIntoCart(page, 'Wall clock');
      await visit('/cart');
      await page.getByLabel('Quantity').fill(String(there + 1));
      await page.getByRole('button', { name: 'Go to checkout' }).click();
      await expect(page.getByLabel('Quantity')).toHaveAccessibleDescription(
        `Only ${there} left. Take ${there} or fewer.`,
      );
      await changeQuantity(page, String(there));
      await expect(inCart(page)).toHaveAttribute('data-count', String(there));

      await visit('/');
      await clock.getByRole('button', { name: /^Add to cart/ }).click();
      const note = page.getByRole('alert');
      await expect(note).toContainText(`Only ${there} left of Wall clock. You have all of them in your cart.`);
      await expect(note, 'it is seen from where the button is').toBeInViewport();
      await expect(inCart(page)).toHaveAttribute('data-count', String(there));
    });

    test('the same once more is as much as there is, and the cart says what is left out', async ({ page, visit }) => {
      await visit('/');
      const clock = product(page, 'Wall clock');
      const there = Number(/\d+/.exec((await clock.locator('.stock').textContent()) ?? '')?.[0]);
      const { id } = await orderQuickly(page, { sku: 'wall-clock', token: 'pm_card_chargeDeclined' });
      await putIntoCart(page, 'Wall clock');
      await visit('/cart');
      // The one that was just ordered is held for that order.
      await changeQuantity(page, String(there - 1));
      await expect(inCart(page)).toHaveAttribute('data-count', String(there - 1));
      await visit(`/orders/${id}?cancel=ask`);
      await page.getByRole('button', { name: 'Yes, cancel the order' }).click();
      await expect(heading(page)).toHaveText('Order cancelled');
      // The heading may change by push before the answer to the form has arrived.
      await expect(page).toHaveURL(new RegExp(`/orders/${id}$`));
      await expect
        .poll(async () => {
          await page.goto('/');
          return clock.locator('.stock').textContent();
        })
        .toContain(String(there));
      await visit(`/orders/${id}`);
      await page.getByRole('button', { name: 'Order again' }).click();
      await expect(page).toHaveURL(/\/cart$/);
      await expect(page.getByLabel('Quantity')).toHaveValue(String(there));

      await visit(`/orders/${id}`);
      await page.getByRole('button', { name: 'Order again' }).click();
      await expect(page.getByText(`Of Wall clock there are only ${there} left.`)).toBeVisible();
      await expect(page.getByLabel('Quantity')).toHaveValue(String(there));
    });

    test('the way back from an order that was sent says that it is saved', async ({ page, visit }) => {
      await visit('/');
      await putIntoCart(page, 'Eight postcards');
      await goToCheckout(page);
      await fillIn(page);
      await sendButton(page).click();
      await page.waitForURL(/\/orders\/ord_/);
      await page.goBack();
      await expect(page.getByText(/^Your last order, .+, is saved\.$/)).toBeVisible();
    });
  });
}

test('every tab shows the same cart', async ({ context, page, visit }) => {
  const other = await context.newPage();
  await visit('/', other);
  await visit('/');
  await putIntoCart(page, 'Blue mug');
  await expect(inCart(other)).toHaveAttribute('data-count', '1');
  await expect(product(other, 'Blue mug')).toContainText('1 in your cart');

  await visit('/cart', other);
  await putIntoCart(page, 'Blue-black ink');
  await expect(other.getByRole('heading', { name: 'Blue-black ink' })).toBeVisible();
  await expect(sumOf(other)).toHaveText('€21.40');
});

test.describe('the checkout', () => {
  test('says beside a field what it needs as soon as somebody left it, and takes it back', async ({ page, visit }) => {
    await visit('/');
    await putIntoCart(page, 'Eight postcards');
    await goToCheckout(page);
    const email = page.getByLabel('E-mail');
    await page.getByLabel('Name', { exact: true }).focus();
    await page.keyboard.press('Tab');
    await expect(email).toBeFocused();
    await email.fill('ada at example');
    await expect(email, 'nobody is interrupted while they type').not.toHaveAttribute('aria-invalid');
    await email.press('Tab');
    await expect(email).toHaveAttribute('aria-invalid', 'true');
    await expect(page.locator('#email-mend')).not.toBeEmpty();
    const words = (await page.locator('#email-mend').textContent()) ?? '';
    await expect(page.locator('#announcer')).toHaveText(`E-mail: ${words}`);
    await expect(page.getByLabel('Name', { exact: true }), 'what was not touched is not blamed').not.toHaveAttribute(
      'aria-invalid',
    );
    await email.fill('ada@example.org');
    await email.press('Tab');
    await expect(email).not.toHaveAttribute('aria-invalid');
  });

  test('lists what is left to mend, in the order of the page, until nothing is', async ({ page, visit }) => {
    await visit('/');
    await putIntoCart(page, 'Eight postcards');
    await goToCheckout(page);
    await fillIn(page, { email: '', city: '', postcode: '' });
    await sendButton(page).click();
    const list = page.locator('.mend-list li');
    await expect(list).toHaveText([/^E-mail:/, /^Postcode:/, /^City:/]);
    await page.getByLabel('Postcode').fill('27100');
    await page.getByLabel('Postcode').press('Tab');
    await expect(list).toHaveText([/^E-mail:/, /^City:/]);
    await page.getByLabel('E-mail').fill('ada@example.org');
    await page.getByLabel('City').fill('Pavia');
    await page.getByLabel('City').press('Tab');
    await expect(list).toHaveCount(0);
    await send(page);
  });

  test('keeps what was typed over a reload, until it is sent', async ({ page, visit }) => {
    await visit('/');
    await putIntoCart(page, 'Eight postcards');
    await goToCheckout(page);
    await fillIn(page, { note: 'Ring twice', card: 'Card that looks unusual' });
    await page.getByLabel('Country').selectOption('Austria');
    await page.goto('/help');
    await page.goto('/checkout');
    await takenOver(page);
    await expect(page.getByLabel('Street and number')).toHaveValue('1 Main St');
    await expect(page.getByLabel('Country')).toHaveValue('AT');
    await expect(page.getByLabel('Note')).toHaveValue('Ring twice');
    await expect(page.getByRole('radio', { name: 'Card that looks unusual' })).toBeChecked();
    await page.getByRole('radio', { name: 'Visa' }).check();
    await send(page);

    await page.goto('/');
    await putIntoCart(page, 'Eight postcards');
    await goToCheckout(page);
    await expect(page.getByLabel('Note')).toHaveValue('');
  });
});
