import { test as base, type Page } from '@playwright/test';
import { Server } from './server.js';
import { takenOver, withoutCode } from './shopper.js';
import { Troubles } from './troubles.js';

interface PerTest {
  /** The server of this worker. What a test breaks in it works again in the next test. */
  shop: Server;
  troubles: Troubles;
  /** Opens a page and waits until its code has taken it over, if it may run code. */
  visit: (path: string, tab?: Page) => Promise<void>;
  /** The browser of somebody else: it shares nothing with `page`. */
  stranger: Page;
}

interface PerWorker {
  server: Server;
}

export const test = base.extend<PerTest, PerWorker>({
  server: [
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],

  shop: async ({ server }, use, info) => {
    await use(server);
    if (info.status !== info.expectedStatus) {
      await info.attach('docket.log', { body: await server.log(), contentType: 'text/plain' });
    }
    await server.putRight();
  },

  baseURL: async ({ shop }, use) => {
    await use(shop.url);
  },

  troubles: async ({}, use) => {
    const troubles = new Troubles();
    await use(troubles);
    troubles.expectNone();
  },

  context: async ({ context, javaScriptEnabled, troubles }, use) => {
    if (javaScriptEnabled === false) withoutCode.add(context);
    troubles.watch(context);
    await use(context);
  },

  stranger: async ({ browser, baseURL, troubles }, use) => {
    const context = await browser.newContext({ baseURL });
    troubles.watch(context);
    await use(await context.newPage());
    await context.close();
  },

  visit: async ({ page, javaScriptEnabled }, use) => {
    await use(async (path, tab = page) => {
      // The first thing that the code does once it has the page is to open its line to the server.
      const line = javaScriptEnabled === false ? undefined : tab.waitForEvent('websocket');
      await tab.goto(path);
      await takenOver(tab);
      await line;
    });
  },
});

export { expect } from '@playwright/test';
