import { Buffer } from 'node:buffer';
import { Socket } from 'node:net';

/** As much as Node reads at a time. */
const bufferLength = 65_536;

/**
 * A socket in place of `socket`, which gives what it reads to `take` in one buffer of its own, used
 * again and again: Node makes a new one for each read otherwise. Only sockets that a program opens by
 * itself can be asked for that, so the pipe of a child process changes hands. Where Node does not
 * show it, `socket` itself is used.
 */
export function readIntoOwnBuffer(socket: Socket, take: (chunk: Buffer) => void): Socket {
  const pipe = socket as unknown as { _handle?: object | null };
  const { _handle: handle } = pipe;
  if (handle === undefined || handle === null || !('useUserBuffer' in handle)) {
    return socket.on('data', take);
  }
  pipe._handle = null;
  const onread = {
    buffer: Buffer.allocUnsafeSlow(bufferLength),
    callback: (length: number, { buffer }: Uint8Array): boolean => {
      take(Buffer.from(buffer, 0, length));
      return true;
    },
  };
  return new Socket({ handle, onread, readable: true, writable: false } as never);
}
