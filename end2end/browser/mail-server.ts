import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';

/** A mail server that keeps what it takes, and takes nothing for the recipients it was told to refuse. */
export class MailServer {
  readonly taken: string[] = [];
  private readonly refused = new Set<string>();
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => this.talk(socket));
  }

  static async start(): Promise<MailServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new MailServer(server);
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  refuse(recipient: string): void {
    this.refused.add(recipient);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private talk(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let [rest, mail] = ['', ''];
    let inData = false;
    socket.setEncoding('utf8');
    socket.write('220 mail.example.org\r\n');
    socket.on('data', (data: string) => {
      const lines = (rest + data).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (inData && line !== '.') {
          mail += `${line}\n`;
          continue;
        }
        if (line.startsWith('RCPT')) mail = `${line}\n`;
        if (line === '.') this.taken.push(mail);
        inData = line === 'DATA';
        socket.write(`${this.reply(line)}\r\n`);
      }
    });
  }

  private reply(line: string): string {
    if (line === 'DATA') return '354 go on';
    if (line === 'QUIT') return '221 bye';
    const recipient = /^RCPT TO:<(.*)>/.exec(line)?.[1];
    return recipient !== undefined && this.refused.has(recipient) ? '550 5.1.1 nobody here' : '250 2.0.0 fine';
  }
}
