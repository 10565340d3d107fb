import { expect } from '@playwright/test';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the sandbox's payment service and carrier can be told to do. */
export interface Fault {
  mode: 'ok' | 'down' | 'slow' | 'errors' | 'answer_lost' | 'rate_limited' | 'refuses';
  latency_ms?: number;
  rate?: number;
}

/** A row of the payment ledger. Amounts are in minor units. */
export interface Payment {
  order_id: string;
  amount: number;
  status: 'requires_capture' | 'succeeded' | 'canceled' | 'declined';
  amount_captured: number;
  amount_refunded: number;
}

/** A row of the carrier's ledger. */
export interface Shipment {
  order_id: string;
  status: 'booked' | 'cancelled' | 'picked_up' | 'delivered';
}

/** `docket serve` on data and ports of its own. `cargo xtask test` says in `DOCKET_BIN` which program that is. */
export class Server {
  readonly url: string;
  private readonly internal: string;
  private readonly sandbox: string;
  private running: ChildProcess | undefined;
  private settings: Record<string, string> = {};

  private constructor(
    private readonly program: string,
    private readonly folder: string,
    private readonly ports: { public: number; internal: number; sandbox: number },
  ) {
    this.url = at(ports.public);
    this.internal = at(ports.internal);
    this.sandbox = at(ports.sandbox);
  }

  static async start(): Promise<Server> {
    const program = process.env.DOCKET_BIN;
    if (!program) throw new Error('DOCKET_BIN names no server: run these tests by `cargo xtask test --browser`');
    const folder = await mkdtemp(join(tmpdir(), 'docket-'));
    const ports = { public: await freePort(), internal: await freePort(), sandbox: await freePort() };
    const server = new Server(program, folder, ports);
    await server.launch();
    return server;
  }

  /** Ends it as an operator would, which must succeed, and throws its data away. */
  async stop(): Promise<void> {
    const code = await this.end('SIGTERM');
    await rm(this.folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`the server ended with ${code} when it was asked to stop`);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Starts it again on the same data and ports, with these settings until the end of the story. */
  async restart(settings: Record<string, string> = {}): Promise<void> {
    await this.launch(settings);
  }

  /** The carrier fetches parcels, and delivers them when it should, as soon as it may. */
  async sendParcels({ deliver }: { deliver: boolean }): Promise<void> {
    await this.kill();
    await this.restart({
      DOCKET_SANDBOX_PICKUP_SECONDS: '1',
      DOCKET_SANDBOX_DELIVERY_SECONDS: deliver ? '1' : '0',
    });
  }

  /** Whatever a test broke works again. */
  async putRight(): Promise<void> {
    if (this.running && Object.keys(this.settings).length > 0) await this.kill();
    if (!this.running) await this.launch();
    await this.heal();
  }

  async fault(service: 'payment' | 'carrier', fault: Fault): Promise<void> {
    const answer = await fetch(`${this.sandbox}/faults/${service}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
    expect(answer.status, `the fault switch of ${service}`).toBe(200);
  }

  async heal(): Promise<void> {
    await this.fault('payment', { mode: 'ok' });
    await this.fault('carrier', { mode: 'ok' });
  }

  /** What the payment service did for an order, in its own books. */
  async payments(order: string): Promise<Payment[]> {
    const { payments } = (await this.ledger('payments')) as { payments: Payment[] };
    return payments.filter((payment) => payment.order_id === order);
  }

  /** What the carrier did for an order, in its own books. */
  async shipments(order: string): Promise<Shipment[]> {
    const { shipments } = (await this.ledger('shipments')) as { shipments: Shipment[] };
    return shipments.filter((shipment) => shipment.order_id === order);
  }

  /** The receipt of an order, as soon as it is there. */
  async receipt(order: string): Promise<string> {
    const file = join(this.folder, 'data/mail', `${order}-notify.eml`);
    const read = () => readFile(file, 'utf8').catch(() => '');
    await expect.poll(read, `the receipt of ${order}`).not.toBe('');
    return read();
  }

  /** What it said. */
  log(): Promise<string> {
    return readFile(this.logFile, 'utf8');
  }

  private get logFile(): string {
    return join(this.folder, 'docket.log');
  }

  private async ledger(book: string): Promise<unknown> {
    const answer = await fetch(`${this.sandbox}/ledger/${book}?page_size=0`);
    return answer.json();
  }

  private async launch(settings: Record<string, string> = {}): Promise<void> {
    this.settings = settings;
    const log = await open(this.logFile, 'a');
    const { ports } = this;
    const { DOCKET_BIN: _program, DOCKET_CHROMIUM: _browser, ...environment } = process.env;
    const program = spawn(this.program, ['serve'], {
      cwd: this.folder,
      env: {
        ...environment,
        DOCKET_LISTEN: `127.0.0.1:${ports.public}`,
        DOCKET_INTERNAL_LISTEN: `127.0.0.1:${ports.internal}`,
        DOCKET_SANDBOX_LISTEN: `127.0.0.1:${ports.sandbox}`,
        DOCKET_DATABASE_URL: 'sqlite://data/docket.db',
        // Nobody waits for a retry longer than it takes to look.
        DOCKET_RETRY_BASE_MS: '100',
        DOCKET_RETRY_CAP_SECONDS: '1',
        DOCKET_DELAYED_AFTER_SECONDS: '1',
        DOCKET_RATE_LIMIT_ORDERS: '100000',
        // Nobody sends requests while it stops.
        DOCKET_DRAIN_SECONDS: '0',
        // A confirmed order stays one for as long as a story looks at it.
        DOCKET_SANDBOX_PICKUP_SECONDS: '0',
        DOCKET_SANDBOX_DELIVERY_SECONDS: '0',
        ...settings,
      },
      stdio: ['ignore', log.fd, log.fd],
    });
    await log.close();
    this.running = program;
    const ready = async () => {
      if (program.exitCode !== null) return program.exitCode;
      return fetch(`${this.internal}/readyz`).then((answer) => answer.ok, () => false);
    };
    await expect.poll(ready, { message: 'the server gets ready', timeout: 30_000, intervals: [50] }).not.toBe(false);
    if (program.exitCode !== null) throw new Error(`the server does not start:\n${await this.log()}`);
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const program = this.running;
    this.running = undefined;
    if (!program || program.exitCode !== null) throw new Error(`the server is not running:\n${await this.log()}`);
    const ended = once(program, 'exit');
    program.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  }
}

function at(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** Below the ports that systems give to outgoing connections, so that a server finds it free again after a restart. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const probe = createServer().listen(port, '127.0.0.1');
    const free = await Promise.race([
      once(probe, 'listening').then(() => true),
      once(probe, 'error').then(() => false),
    ]).catch(() => false);
    if (!free) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
