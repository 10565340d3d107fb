import { expect, test } from '../fixtures.js';
import { CONFIRMED, buy, expectSameDocument, heading, inProgress, markDocument, orders, step } from '../shopper.js';

test('a declined card is replaced by another, and the order stays the same order', async ({ page, shop, visit }) => {
  await visit('/');
  const sent = await buy(page, 'Steel bottle', { card: 'Card the bank declines' });
  await markDocument(page);
  await expect(heading(page)).toHaveText('Your bank declined the card');
  await expect(page.locator('.slip-state')).toContainText('Nothing was charged. Your items are held until');
  await expect(page).toHaveTitle(`Needs you · ${sent.number} · Docket`);
  await expect(page.locator('#favicon')).toHaveAttribute('href', '/favicon-needs-you.svg');
  await expect(inProgress(page), 'what waits for the shopper counts too').toHaveAttribute('data-count', '1');

  await page.getByRole('radio', { name: 'Card without enough money' }).check();
  await page.getByRole('button', { name: 'Use another card' }).click();
  await expect(heading(page)).toHaveText('The card did not have enough money');
  await expect(page.locator('.slip-state')).toContainText('The other card did not work either. Nothing was charged.');

  await page.getByRole('radio', { name: 'Visa' }).check();
  await page.getByRole('button', { name: 'Use another card' }).click();
  await expect(heading(page)).toHaveText(CONFIRMED);
  await expect(heading(page), 'the focus is not lost with the form').toBeFocused();
  await expect(step(page, 'Checking your payment'), 'this card worked at once').not.toContainText('more than one try');
  await expectSameDocument(page);
  expect((await orders(page)).map((order) => order.id)).toEqual([sent.id]);
  const charged = (await shop.payments(sent.id)).filter((payment) => payment.status !== 'declined');
  expect(charged).toMatchObject([{ status: 'succeeded', amount_captured: 2_650 }]);
});

test('an address the carrier does not know is corrected in place', async ({ page, shop, visit }) => {
  await visit('/');
  const sent = await buy(page, 'Beeswax candle', { postcode: '00000' });
  await markDocument(page);
  await expect(heading(page)).toHaveText('We cannot deliver to this address');
  await expect(page.locator('.slip-state')).toContainText('not charged so far');

  const mend = page.getByRole('form', { name: 'Correct the address' });
  await expect(mend.getByLabel('Street and number'), 'what is right need not be typed again').toHaveValue('1 Main St');
  await mend.getByLabel('Postcode').fill('');
  await mend.getByRole('button', { name: 'Correct the address' }).click();
  await expect(mend.getByLabel('Postcode')).toHaveAccessibleDescription(/Fill this in\.$/);
  await mend.getByLabel('Postcode').fill('00000');
  await mend.getByLabel('Street and number').fill('2 Side St');
  await mend.getByRole('button', { name: 'Correct the address' }).click();
  await expect(page.locator('.slip-state')).toContainText('The carrier does not know this address either.');
  await mend.getByLabel('Postcode').fill('27100');
  await mend.getByRole('button', { name: 'Correct the address' }).click();

  await expect(heading(page)).toHaveText(CONFIRMED);
  await expect(page.locator('.facts')).toContainText('27100 Pavia');
  await expectSameDocument(page);
  expect((await orders(page)).map((order) => order.id)).toEqual([sent.id]);
  expect(await shop.payments(sent.id)).toMatchObject([{ status: 'succeeded' }]);
});

test('a confirmed order is cancelled, and the page says what becomes of the money', async ({ page, shop, visit }) => {
  await visit('/');
  const sent = await buy(page, 'Terracotta pot');
  await expect(heading(page)).toHaveText(CONFIRMED);

  await page.getByRole('link', { name: 'Cancel order' }).click();
  await expect(page.getByText('€10.50 goes back to your card in 5–10 days.')).toBeVisible();
  await page.getByRole('link', { name: 'Keep the order' }).click();
  await expect(heading(page)).toHaveText(CONFIRMED);
  await page.getByRole('link', { name: 'Cancel order' }).click();
  await page.getByRole('button', { name: 'Yes, cancel the order' }).click();

  await expect(heading(page)).toHaveText('Order cancelled');
  await expect(page.locator('.slip-state')).toContainText('€10.50 goes back to your card in 5–10 days');
  await expect(page.getByRole('button', { name: 'Order again' })).toBeVisible();
  expect(await shop.payments(sent.id)).toMatchObject([{ amount_captured: 1_050, amount_refunded: 1_050 }]);
  expect(await shop.shipments(sent.id)).toMatchObject([{ status: 'cancelled' }]);
});

test('a postcode that can never be delivered to ends the order without a charge', async ({ page, shop, visit }) => {
  await visit('/');
  const sent = await buy(page, 'Jar with a cork lid', { postcode: '00001' });
  await expect(heading(page)).toHaveText('We could not complete your order');
  await expect(page.locator('.slip-state')).toContainText('The carrier cannot deliver to this address.');
  await expect(page.locator('.slip-state')).toContainText('Nothing was charged');
  expect(await shop.payments(sent.id)).toMatchObject([{ status: 'canceled', amount_captured: 0 }]);
});
