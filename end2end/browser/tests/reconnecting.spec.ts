import type { BrowserContext, WebSocketRoute } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import { CONFIRMED, buy, expectSameDocument, heading, markDocument, orders, step } from '../shopper.js';

/** A network whose open lines can be cut. */
class Network {
  private readonly lines = new Set<WebSocketRoute>();

  static async under(context: BrowserContext): Promise<Network> {
    const network = new Network();
    await context.routeWebSocket(/\/api\/v1\/stream$/, (line) => {
      line.connectToServer();
      network.lines.add(line);
    });
    return network;
  }

  /** Cuts every line that is open, as a tunnel does. */
  async cut(): Promise<void> {
    const lines = [...this.lines];
    this.lines.clear();
    await Promise.all(lines.map((line) => line.close({ code: 4000, reason: 'a tunnel' })));
  }

  get isUp(): boolean {
    return this.lines.size > 0;
  }
}

test('the line is cut at every stage of an order, and the page misses nothing', async ({
  page,
  context,
  shop,
  visit,
}) => {
  const network = await Network.under(context);
  await shop.fault('payment', { mode: 'down' });
  await visit('/');
  const sent = await buy(page, 'Blue mug');
  await markDocument(page);

  await expect(step(page, 'Checking your payment')).toHaveAttribute('aria-current', 'step');
  await network.cut();
  await shop.fault('carrier', { mode: 'down' });
  await shop.fault('payment', { mode: 'ok' });
  await expect(step(page, 'Booking the delivery')).toHaveAttribute('aria-current', 'step');
  await expect.poll(() => network.isUp).toBe(true);
  await network.cut();
  await shop.heal();
  await expect(heading(page)).toHaveText(CONFIRMED);
  await expect.poll(() => network.isUp).toBe(true);

  // Whatever was missed, the page tells the same as the server.
  await expect(page.locator('.steps > li[data-state="succeeded"]')).toHaveCount(5);
  await expectSameDocument(page);
  expect((await orders(page)).map((order) => order.id)).toEqual([sent.id]);
  expect(await shop.payments(sent.id)).toMatchObject([{ status: 'succeeded' }]);
});

test('without any network for a while, what happened meanwhile is shown once it is back', async ({
  page,
  context,
  shop,
  visit,
  troubles,
}) => {
  troubles.allow(/ERR_INTERNET_DISCONNECTED/);
  const network = await Network.under(context);
  await shop.fault('payment', { mode: 'down' });
  await visit('/');
  await buy(page, 'Two espresso cups');
  await markDocument(page);
  await context.setOffline(true);
  await network.cut();
  await expect(page.locator('.connection')).toContainText('Reconnecting. Your order goes on without this page.');
  await shop.heal();
  await context.setOffline(false);
  await expect(heading(page)).toHaveText(CONFIRMED);
  await expect(page.locator('.connection')).toBeHidden();
  await expectSameDocument(page);
});
