import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import {
  CONFIRMED,
  buy,
  expectSameDocument,
  heading,
  inCart,
  markDocument,
  orderQuickly,
  putIntoCart,
} from '../shopper.js';

test.describe('the same once more', () => {
  for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
      test.use({ javaScriptEnabled });

      test('fills the cart with what was ordered, beside what is in it', async ({ page, visit }) => {
        await visit('/');
        const { id } = await orderQuickly(page);
        await visit(`/orders/${id}`);
        await expect(heading(page)).toHaveText(CONFIRMED);
        await page.goto('/');
        await putIntoCart(page, 'Blue mug');
        await page.goto(`/orders/${id}`);
        await page.getByRole('button', { name: 'Order again' }).click();

        await expect(page).toHaveURL(/\/cart$/);
        await expect(page.getByRole('heading', { name: 'Blue mug' })).toBeVisible();
        await expect(page.getByRole('heading', { name: 'Eight postcards' })).toBeVisible();
        await expect(inCart(page)).toHaveAttribute('data-count', '2');
      });
    });
  }
});

test('everything that happened is told, and goes on being told while it happens', async ({ page, shop, visit }) => {
  await shop.fault('payment', { mode: 'down' });
  await visit('/');
  await buy(page, 'Blue mug');
  await markDocument(page);
  await expect(heading(page)).toHaveText('Your order is safe, but this is taking longer than usual');
  await page.getByText('Everything that happened').click();
  const past = page.locator('.past').getByRole('listitem');
  await expect(past.first()).toContainText('We have your order');
  await expect(past.filter({ hasText: 'Setting your items aside: done' })).toHaveCount(1);
  await expect(past.filter({ hasText: 'Checking your payment: trying again' })).not.toHaveCount(0);

  await shop.heal();
  await expect(past.filter({ hasText: CONFIRMED })).toHaveCount(1);
  await expectSameDocument(page);
});

test('the page of an order is a receipt on one sheet of paper, black on white also by night', async ({ page, visit }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await visit('/');
  const sent = await orderQuickly(page);
  await visit(`/orders/${sent.id}`);
  await expect(heading(page)).toHaveText(CONFIRMED);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });

  await expect(page.getByRole('link', { name: 'Docket', exact: true }), 'who sells').toBeVisible();
  const year = String(new Date().getUTCFullYear());
  for (const words of [sent.number, year, 'ada@example.org', '1 Main St', 'Eight postcards', 'Prices include tax.', 'Paid']) {
    await expect(page.locator('.slip').getByText(words).first(), words).toBeVisible();
  }
  for (const role of ['button', 'searchbox', 'navigation'] as const) await expect(page.getByRole(role)).toHaveCount(0);
  for (const gone of ['.tray', '.pass-on', '.past', '.steps']) await expect(page.locator(gone), gone).toBeHidden();
  const [ink, paper] = await page.locator('.slip').evaluate((slip) => {
    return [getComputedStyle(slip).color, getComputedStyle(slip).getPropertyValue('--page').trim()];
  });
  expect([ink, paper]).toEqual(['rgb(0, 0, 0)', 'white']);
  const sheets = (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type\s*\/Page\b/g);
  expect(sheets).toHaveLength(1);
});

/** A browser whose notifications can be read, and that asks its owner, who says yes. */
async function readNotifications(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const told: string[] = [];
    class Readable {
      static permission = 'default';
      static async requestPermission() {
        Readable.permission = 'granted';
        return Readable.permission;
      }
      onclick: unknown = null;
      constructor(title: string) {
        told.push(title);
      }
    }
    Object.assign(window, { Notification: Readable, told });
  });
}

function told(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { told: string[] }).told);
}

/** The tab is behind another one from now on. */
async function lookAway(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

test('notifications are offered on the page of an order, asked for on a click, and shown to who looks away', async ({
  page,
  shop,
  visit,
}) => {
  await readNotifications(page);
  await shop.fault('payment', { mode: 'down' });
  await visit('/');
  await expect(page.getByRole('button', { name: /^Notify/ }), 'nobody is asked before an order').toHaveCount(0);
  const sent = await buy(page, 'Blue mug');
  await page.getByRole('button', { name: 'Notify me when this changes' }).click();
  await expect(page.locator('.notify')).toContainText('You are notified when this changes');
  expect(await told(page), 'whoever looks is told by the page').toEqual(['We tell you here.']);

  await lookAway(page);
  await shop.heal();
  await expect(heading(page)).toHaveText(CONFIRMED);
  expect((await told(page)).at(-1)).toBe(`Order ${sent.number}: ${CONFIRMED}.`);
});
