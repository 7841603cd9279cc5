import { connect } from 'node:net';

/** What `localhost` stands for; a server may listen at one of them only. */
const loopback = ['127.0.0.1', '::1'] as const;

/** Whether something on this machine listens at a port. Never rejects. */
export async function isListening(port: number): Promise<boolean> {
  const found = await Promise.all(loopback.map((address) => acceptsAt(address, port)));
  return found.includes(true);
}

function acceptsAt(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (accepts: boolean): void => {
      socket.destroy();
      resolve(accepts);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
