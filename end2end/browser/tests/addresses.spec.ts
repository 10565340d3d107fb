import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import {
  CONFIRMED,
  buy,
  chooseCountry,
  expectSameDocument,
  fillIn,
  goToCheckout,
  heading,
  markDocument,
  orders,
  putIntoCart,
  send,
  sendButton,
  takenOver,
} from '../shopper.js';

/** The lines under "Goes to". */
async function goesTo(page: Page): Promise<string[]> {
  const fact = page.locator('.facts > div').filter({ hasText: 'Goes to' }).locator('dd');
  return (await fact.innerText()).split('\n').map((line) => line.trim());
}

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

    test('an order to the United States has a state and a ZIP code', async ({ page }) => {
      await fillIn(page);
      await chooseCountry(page, 'United States', 'ZIP code');
      await expect(page.getByLabel('Street and number'), 'nothing typed is lost').toHaveValue('1 Main St');
      await expect(page.getByLabel('City')).toHaveValue('Pavia');
      await page.getByLabel('City').fill('Boston');
      await page.getByLabel('ZIP code').fill('02101');
      await sendButton(page).click();
      await expect(page.getByRole('heading', { name: 'One field needs another look' })).toBeVisible();
      await page.getByRole('link', { name: 'State: Fill this in.' }).click();
      await expect(page.getByLabel('State')).toBeFocused();
      await page.getByLabel('State').selectOption('Massachusetts');
      await page.getByText('Flat, company or another name').click();
      await page.getByLabel('Flat, floor or building').fill('Suite 4');
      await page.getByLabel('Company').fill('Analytical Engines');
      await send(page);
      await expect(heading(page)).toHaveText(CONFIRMED);
      expect(await goesTo(page)).toEqual([
        'Ada Lovelace',
        'Analytical Engines',
        '1 Main St',
        'Suite 4',
        'Boston, MA 02101',
        'United States',
      ]);
    });

    test('an order to Hong Kong has an area and no postcode', async ({ page }) => {
      await chooseCountry(page, 'Hong Kong', 'Area');
      await expect(page.getByLabel('Postcode')).toHaveCount(0);
      await page.getByLabel('Name', { exact: true }).fill('Ada Lovelace');
      await page.getByLabel('E-mail').fill('用户@例え.jp');
      await page.getByLabel('Street and number').fill('1 Nathan Rd');
      await page.getByLabel('Area').selectOption('Kowloon (九龍)');
      await page.getByText('Flat, company or another name').click();
      await page.getByLabel('Name on the parcel').fill('Charles Babbage');
      await send(page);
      await expect(heading(page)).toHaveText(CONFIRMED);
      expect(await goesTo(page)).toEqual(['Charles Babbage', '1 Nathan Rd', 'Kowloon', 'Hong Kong']);
      await expect(page.locator('.facts'), 'the address is shown as it was typed').toContainText('用户@例え.jp');
    });

    test('what one country does not ask for is there again on the way back', async ({ page }) => {
      await fillIn(page);
      await chooseCountry(page, 'Hong Kong', 'Area');
      await expect(page.getByLabel('District')).toHaveValue('Pavia');
      await chooseCountry(page, 'Italy', 'Postcode');
      await expect(page.getByLabel('Postcode')).toHaveValue('27100');
      expect(await orders(page)).toEqual([]);
      await send(page);
      expect(await goesTo(page)).toEqual(['Ada Lovelace', '1 Main St', '27100 Pavia', 'Italy']);
    });
  });
}

test('the fields follow the country in place, and the focus stays where it is', async ({ page, visit }) => {
  await visit('/');
  await putIntoCart(page, 'Linen tea towel');
  await goToCheckout(page);
  await fillIn(page);
  await markDocument(page);
  await expect(page.getByRole('button', { name: 'Change country' })).toHaveCount(0);
  const country = page.getByLabel('Country');
  await country.focus();
  await chooseCountry(page, 'Australia', 'State');
  await expect(country).toBeFocused();
  await expect(page.getByRole('status').filter({ hasText: 'The address is asked as it is written in Australia.' })).toHaveCount(1);
  await page.getByLabel('State').selectOption('WA');
  await chooseCountry(page, 'United States', 'ZIP code');
  await expect(page.getByLabel('State'), 'a region belongs to its country').toHaveValue('');
  await chooseCountry(page, 'Australia', 'Suburb');
  await expect(page.getByLabel('State')).toHaveValue('WA');
  await expectSameDocument(page);

  await page.reload();
  await takenOver(page);
  await expect(country, 'the tab keeps it').toHaveValue('AU');
  await expect(page.getByLabel('Suburb')).toHaveValue('Pavia');
  await expect(page.getByLabel('State')).toHaveValue('WA');
});

test('a country that was chosen before the code of the page is there has its fields then', async ({ page, visit }) => {
  await visit('/');
  await putIntoCart(page, 'Blue mug');
  await goToCheckout(page);
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  await page.route('**/*.wasm', async (route) => {
    await arrived;
    await route.continue();
  });
  await page.reload({ waitUntil: 'commit' });
  await page.getByLabel('Country').selectOption('United States');
  await page.getByLabel('City').fill('Boston');
  arrive();
  await takenOver(page);
  await expect(page.getByLabel('ZIP code')).toBeVisible();
  await expect(page.getByLabel('City')).toHaveValue('Boston');
  await expect(page.getByLabel('City'), 'although it stands elsewhere now').toBeFocused();
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(`on the page of an order, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled });

    test('an address is corrected into another country', async ({ page, visit }) => {
      await visit('/');
      await buy(page, 'Beeswax candle', { postcode: '00000' });
      await expect(heading(page)).toHaveText('We cannot deliver to this address');
      const mend = page.getByRole('form', { name: 'Correct the address' });
      await expect(mend.getByLabel('Country')).toHaveValue('IT');
      await chooseCountry(page, 'Ireland', 'Eircode');
      await expect(mend.getByLabel('Street and number')).toHaveValue('1 Main St');
      await mend.getByLabel('City').fill('Cork');
      await mend.getByLabel('Eircode').fill('');
      await mend.getByLabel('County').selectOption('Co. Cork');
      await mend.getByRole('button', { name: 'Correct the address' }).click();
      await expect(heading(page)).toHaveText(CONFIRMED);
      expect(await goesTo(page)).toEqual(['Ada Lovelace', '1 Main St', 'Cork', 'Co. Cork', 'Ireland']);
    });
  });
}
