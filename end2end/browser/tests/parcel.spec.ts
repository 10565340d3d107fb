import { expect, test } from '../fixtures.js';
import { buy, expectSameDocument, heading, inProgress, markDocument } from '../shopper.js';

test('the page of an order follows the parcel to the door', async ({ page, shop, visit }) => {
  await shop.sendParcels({ deliver: true });
  await visit('/');
  const sent = await buy(page, 'Eight postcards');
  await markDocument(page);
  await expect(heading(page)).toHaveText('Delivered');
  await expect(page.getByRole('link', { name: 'Follow the parcel' })).toHaveAttribute('href', /\/track\//);
  await expect(page.getByRole('link', { name: 'Cancel order' }), 'it is too late for that').toHaveCount(0);
  expect(await shop.shipments(sent.id)).toMatchObject([{ status: 'delivered' }]);
  await expectSameDocument(page);
});

test('a parcel that is on its way says who carries it and can no longer be cancelled', async ({ page, shop, visit }) => {
  await shop.sendParcels({ deliver: false });
  await visit('/');
  await buy(page, 'Eight postcards');
  await expect(heading(page)).toHaveText('On its way');
  await expect(inProgress(page)).toHaveAttribute('data-count', '0');
  await expect(page.getByRole('link', { name: 'Follow the parcel' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Cancel order' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Order again' }).click();
  await expect(page.getByRole('heading', { name: 'Eight postcards' })).toBeVisible();
});
