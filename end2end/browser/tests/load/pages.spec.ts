import { randomUUID } from 'node:crypto';
import { expect, test } from '../../fixtures.js';

/** How many pages are asked for, how many at once, and how long each may take. */
const REQUESTS = Number(process.env.DOCKET_HAMMER_REQUESTS ?? 3_000);
const AT_ONCE = 16;
const TIME_LIMIT_MS = 10_000;
/** One order for so many pages, so that what the pages show is always on the move. */
const PAGES_PER_ORDER = 15;

/** A visitor without a browser: cookies are all that is kept. */
class Visitor {
  private readonly cookies = new Map<string, string>();

  constructor(private readonly shop: string) {}

  async ask(path: string, request: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(this.shop + path, {
      ...request,
      headers: { ...request.headers, ...(cookie && { cookie }) },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name) this.cookies.set(name, value ?? '');
    }
    return answer;
  }

  async order(): Promise<{ id: string; tracking_token: string }> {
    const name = 'Ada Lovelace';
    const answer = await this.ask('/api/v1/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify({
        customer: { name, email: 'ada@example.org' },
        ship_to: { name, street: '1 Main St', city: 'Pavia', postcode: '27100', country: 'IT' },
        lines: [{ sku: 'postcards', quantity: 1 }],
        payment: { method: 'card', token: 'pm_card_visa' },
      }),
    });
    if (answer.status !== 202) throw new Error(`POST /api/v1/orders: ${answer.status} ${await answer.text()}`);
    return answer.json() as Promise<{ id: string; tracking_token: string }>;
  }
}

/** The document is closed, and behind it is the last of the scripts that hand it over to the page's code, if any. */
function isWhole(page: string): boolean {
  return /<\/html>\s*$|<\/html>.*__INCOMPLETE_CHUNKS=\[[\d,]*\];<\/script>$/s.test(page);
}

/** A page and how it must be answered. */
interface Route {
  path: string;
  status: number;
}

function routes(orders: { id: string; tracking_token: string }[]): Route[] {
  const found = ['/', '/?query=mug', '/?category=Paper', '/cart', '/checkout', '/orders', '/orders?group=done'];
  found.push('/help', '/help/delayed', '/problems/card-declined', '/api/docs');
  for (const { id, tracking_token } of orders.slice(-3)) {
    found.push(`/orders/${id}`, `/orders/${id}?cancel=ask`, `/track/${tracking_token}`);
  }
  const missing = ['/no/such/page', '/orders/ord_nothing', '/track/nothing', '/help/nothing', '/problems/nothing'];
  return [...found.map((path) => ({ path, status: 200 })), ...missing.map((path) => ({ path, status: 404 }))];
}

test(`${REQUESTS} pages are answered whole and in time while orders are made`, async ({ shop }) => {
  test.setTimeout(300_000);
  const visitor = new Visitor(shop.url);
  await visitor.ask('/');
  await visitor.ask('/', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'form=add_to_cart&sku=mug-blue&back=/',
  });
  const orders = [await visitor.order()];

  const wrong: string[] = [];
  let asked = 0;
  const askOne = async () => {
    const all = routes(orders);
    const { path, status } = all[asked++ % all.length] as Route;
    try {
      const answer = await visitor.ask(path);
      const body = await answer.text();
      if (answer.status !== status) wrong.push(`${path}: ${answer.status} instead of ${status}`, body);
      else if (!isWhole(body)) wrong.push(`${path}: cut off after ${body.length} characters`);
    } catch (error) {
      wrong.push(`${path}: ${error}`);
    }
    if (asked % PAGES_PER_ORDER === 0) orders.push(await visitor.order());
  };
  const worker = async () => {
    while (asked < REQUESTS) await askOne();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));

  expect(wrong).toEqual([]);
  expect(orders.length).toBeGreaterThan(REQUESTS / PAGES_PER_ORDER / 2);
});
