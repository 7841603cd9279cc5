import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * The strings of tasks: an action that calls `obey(name)` (from `obeySource`) reports here that it
 * runs, and ends when and how the test orders it. So the test decides the order of events.
 */
export class Theatre {
  readonly #server: Server;
  readonly #entered = new Map<string, Promise<Socket>>();
  readonly #enter = new Map<string, (socket: Socket) => void>();
  /** `started NAME` for each task that reported, in order. */
  readonly log: string[] = [];

  static async open(): Promise<Theatre> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Theatre(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      createInterface({ input: socket }).once('line', (name) => {
        this.log.push(`started ${name}`);
        void this.#place(name);
        this.#enter.get(name)?.(socket);
      });
    });
  }

  /** The port that `obeySource` connects to. */
  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  /** Resolves when the task runs. */
  async started(name: string): Promise<void> {
    await this.#place(name);
  }

  /** Lets the task go on: `ok`, `throw`, `kill`, `exit 3`, `spin`. */
  async order(name: string, command: string): Promise<void> {
    const socket = await this.#place(name);
    this.#entered.delete(name);
    this.#enter.delete(name);
    socket.end(`${command}\n`);
  }

  [Symbol.dispose](): void {
    this.#server.close();
  }

  #place(name: string): Promise<Socket> {
    const known = this.#entered.get(name);
    if (known !== undefined) return known;
    const place = new Promise<Socket>((resolve) => this.#enter.set(name, resolve));
    this.#entered.set(name, place);
    return place;
  }
}

/** Source for a build file: `const obey = ...`, to be called and returned by actions. */
export function obeySource(port: number): string {
  return `
import { connect as connectToTheatre } from 'node:net';
const obey = (name) => new Promise((resolve, reject) => {
  const socket = connectToTheatre(${port}, '127.0.0.1', () => socket.write(name + '\\n'));
  let text = '';
  socket.setEncoding('utf8').on('data', (data) => { text += data; }).on('close', () => {
    const [command, value] = text.trim().split(' ');
    if (command === 'throw') reject(new Error(name + ' was told to fail'));
    else if (command === 'kill') process.kill(process.pid, 'SIGKILL');
    else if (command === 'exit') process.exit(Number(value));
    else if (command === 'spin') for (;;);
    else resolve(value);
  });
});
`;
}
