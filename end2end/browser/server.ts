import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server of its own for each worker: `cargo xtask test` says in `DOCKET_BIN` which program that is. */
export class Server {
  private constructor(
    readonly url: string,
    private readonly program: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Server> {
    const program = process.env.DOCKET_BIN;
    if (!program) throw new Error('DOCKET_BIN names no server: run these tests by `cargo xtask test --browser`');
    const folder = await mkdtemp(join(tmpdir(), 'docket-'));
    const listen = `127.0.0.1:${await freePort()}`;
    const server = spawn(program, ['serve'], {
      cwd: folder,
      env: { ...process.env, DOCKET_LISTEN: listen },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // Ready means: one line with the address.
    await Promise.race([
      once(server.stdout, 'data'),
      once(server, 'exit').then(([code]) => Promise.reject(new Error(`the server ended with ${code}`))),
    ]);
    return new Server(`http://${listen}`, server, folder);
  }

  async stop(): Promise<void> {
    const ended = once(this.program, 'exit');
    this.program.kill('SIGTERM');
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
