import { expect, test } from '../fixtures.js';
import { heading, orderQuickly } from '../shopper.js';

const CARDS = 'Why banks decline cards';

test('whoever is asked for another card or address finds help that says what to do', async ({ page, visit }) => {
  await visit('/');
  const asked = [
    { order: { token: 'pm_card_chargeDeclined' }, link: CARDS, next: 'Choose another card' },
    { order: { token: 'pm_card_chargeDeclinedInsufficientFunds' }, link: CARDS, next: 'Choose another card' },
    { order: { token: 'pm_card_chargeDeclinedExpiredCard' }, link: CARDS, next: 'Choose another card' },
    { order: { postcode: '00000' }, link: 'Help with addresses', next: 'Correct the address' },
  ];
  for (const { order, link, next } of asked) {
    const { id } = await orderQuickly(page, order);
    await visit(`/orders/${id}`);
    await page.getByRole('link', { name: link }).click();
    const help = page.getByRole('article');
    await expect(help.getByRole('heading', { name: 'Your money' })).toBeVisible();
    await expect(help).toContainText('set aside for you');
    await expect(help).toContainText(next);
    await expect(help.getByRole('link', { name: 'Your orders' })).toBeVisible();
  }
});

test('every page of the help is listed and can be read, and leads on to others that can', async ({ page }) => {
  await page.goto('/help');
  const links = () => page.locator('main a[href^="/help/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href') ?? ''));
  const listed = await links();
  expect(listed.length).toBeGreaterThan(25);
  expect(new Set(listed).size).toBe(listed.length);
  for (const path of listed) {
    await page.goto(path);
    await expect(heading(page), path).toBeVisible();
    await expect(page.getByRole('heading', { name: 'What to do now' }), path).toBeVisible();
    for (const further of await links()) expect(listed, `${path} leads on`).toContain(further);
  }
});
