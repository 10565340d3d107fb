import { defineConfig, devices } from '@playwright/test';

// `cargo xtask test` names the browser; empty means the one that Playwright has brought itself.
const chromium = process.env.DOCKET_CHROMIUM ?? '/usr/bin/chromium';

// The way of an order from the shop to the parcel, on every size of screen; everything else looks at the sizes itself.
const onEverySize = /\/(one-order|customer-actions|cart|report|without-javascript|addresses)\.spec\.ts$/;

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  // More than processors: a story often waits for its server.
  workers: 3,
  reporter: 'list',
  timeout: 60_000,
  // Long enough for a busy machine; nothing waits longer than it must.
  expect: { timeout: 15_000 },
  projects: [
    // The load test runs after the stories, whatever their result, because it needs every processor.
    {
      name: 'stories',
      testIgnore: 'load/**',
      teardown: 'load',
      // Animations take time to draw; the two other sizes have them.
      use: { contextOptions: { reducedMotion: 'reduce' } },
    },
    {
      name: 'phone',
      testMatch: onEverySize,
      dependencies: ['stories'],
      use: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
    },
    {
      name: 'tablet',
      testMatch: onEverySize,
      dependencies: ['stories'],
      use: { viewport: { width: 768, height: 1024 }, hasTouch: true },
    },
    { name: 'load', testMatch: 'load/**' },
  ],
  use: {
    ...devices['Desktop Chrome'],
    // The checkout begins with the country of the browser.
    locale: 'en-IT',
    // Traces would take a quarter of the time; `--trace retain-on-failure` records them.
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium || undefined,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
