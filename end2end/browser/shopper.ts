import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';

/** What a shopper types at checkout. */
export interface Details {
  name: string;
  email: string;
  street: string;
  postcode: string;
  city: string;
  /** The words of the choice under "How you pay". */
  card: string;
  note: string;
}

/** An order as the API tells it, as far as the stories look at it. */
export interface Order {
  id: string;
  number: string;
  state: string;
  version: number;
  total: { amount: number; currency: string };
}

export const ADA: Details = {
  name: 'Ada Lovelace',
  email: 'ada@example.org',
  street: '1 Main St',
  postcode: '27100',
  city: 'Pavia',
  card: 'Visa',
  note: '',
};

export const CONFIRMED = 'Your order is confirmed';

/** The browsers that run no code of pages. */
export const withoutCode = new WeakSet<BrowserContext>();

/** Waits until the page's code has taken over what lives on the page, if it may run code. */
export async function takenOver(page: Page): Promise<void> {
  if (withoutCode.has(page.context())) return;
  // An island carries what it is made of until it is taken over.
  await expect(page.locator('[data-props]')).toHaveCount(0);
}

export function heading(page: Page): Locator {
  return page.getByRole('heading', { level: 1 });
}

/** One of the five lines under "What happens". */
export function step(page: Page, name: string): Locator {
  return page.locator('.steps > li').filter({ hasText: name });
}

/** How many orders are in progress, in the head of every page. */
export function inProgress(page: Page): Locator {
  return page.locator('.tray summary .count');
}

/** How many things are in the cart, in the head of every page. */
export function inCart(page: Page): Locator {
  return page.getByRole('link', { name: /^Cart/ }).locator('.count');
}

export function product(page: Page, name: string): Locator {
  return page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });
}

export async function putIntoCart(page: Page, name: string): Promise<void> {
  const card = product(page, name);
  await card.getByRole('button', { name: /^Add to cart/ }).click();
  await expect(card.getByText(/in your cart$/)).toBeVisible();
}

/** Types how many of the one product in the cart are wanted, and goes on to the next field. */
export async function changeQuantity(page: Page, quantity: string): Promise<void> {
  await page.getByLabel('Quantity').fill(quantity);
  if (withoutCode.has(page.context())) {
    await page.getByRole('button', { name: 'Update' }).click();
  } else {
    await page.getByLabel('Quantity').press('Tab');
  }
}

/** What the things in the cart cost together. */
export function sumOf(page: Page): Locator {
  return page.locator('.totals .sum').last();
}

export async function goToCheckout(page: Page): Promise<void> {
  await page.getByRole('link', { name: /^Cart/ }).click();
  await page.getByRole('button', { name: 'Go to checkout' }).click();
  await expect(heading(page)).toHaveText('Checkout');
  await takenOver(page);
}

/** Chooses where the order goes, and waits for the fields of that country. */
export async function chooseCountry(page: Page, country: string, field: string): Promise<void> {
  await page.getByLabel('Country').selectOption(country);
  if (withoutCode.has(page.context())) await page.getByRole('button', { name: 'Change country' }).click();
  await expect(page.getByLabel(field)).toBeVisible();
}

export async function fillIn(page: Page, changed: Partial<Details> = {}): Promise<void> {
  const details = { ...ADA, ...changed };
  await page.getByLabel('Name', { exact: true }).fill(details.name);
  await page.getByLabel('E-mail').fill(details.email);
  await page.getByLabel('Street and number').fill(details.street);
  await page.getByLabel('Postcode').fill(details.postcode);
  await page.getByLabel('City').fill(details.city);
  await page.getByRole('radio', { name: details.card }).check();
  await page.getByLabel('Note').fill(details.note);
}

export function sendButton(page: Page): Locator {
  return page.getByRole('button', { name: /^Order and pay/ });
}

/** Waits for the page of the order that was just sent, and says which it is. */
export async function orderOnPage(page: Page): Promise<Order> {
  await page.waitForURL(/\/orders\/ord_\w+$/);
  await takenOver(page);
  return order(page, new URL(page.url()).pathname.split('/')[2] ?? '');
}

/** Sends the checkout page. */
export async function send(page: Page): Promise<Order> {
  await sendButton(page).click();
  return orderOnPage(page);
}

/** From the shop to the page of the order. */
export async function buy(page: Page, name: string, changed: Partial<Details> = {}): Promise<Order> {
  await putIntoCart(page, name);
  await goToCheckout(page);
  await fillIn(page, changed);
  return send(page);
}

/** One of this browser's orders, by the API. */
export async function order(page: Page, id: string): Promise<Order> {
  const answer = await page.request.get(`/api/v1/orders/${id}`);
  expect(answer.status(), `GET ${answer.url()}`).toBe(200);
  return answer.json() as Promise<Order>;
}

/** This browser's orders, by the API. */
export async function orders(page: Page): Promise<Order[]> {
  const answer = await page.request.get('/api/v1/orders');
  expect(answer.status(), `GET ${answer.url()}`).toBe(200);
  return ((await answer.json()) as { orders: Order[] }).orders;
}

/** An order of this browser that no story is told about, by the API. The browser has been to the shop before. */
export async function orderQuickly(
  page: Page,
  { sku = 'postcards', token = 'pm_card_visa', postcode = ADA.postcode } = {},
): Promise<Order> {
  const { name, email, street, city } = ADA;
  const answer = await page.request.post('/api/v1/orders', {
    headers: { 'idempotency-key': randomUUID() },
    data: {
      customer: { name, email },
      ship_to: { name, street, city, postcode, country: 'IT' },
      lines: [{ sku, quantity: 1 }],
      payment: { method: 'card', token },
    },
  });
  expect(answer.status(), 'POST /api/v1/orders').toBe(202);
  return answer.json() as Promise<Order>;
}

/** From here on the page must change by itself: a reload would lose this mark. */
export async function markDocument(page: Page): Promise<void> {
  await page.evaluate(() => document.documentElement.setAttribute('data-marked', ''));
}

export async function expectSameDocument(page: Page): Promise<void> {
  await expect(page.locator('html'), 'the page was never loaded again').toHaveAttribute('data-marked', '');
}
