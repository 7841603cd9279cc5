declare module 'async-done' {
  /** Calls `fn` and tells by callback, promise, stream, observable or child process that it ended. */
  export default function asyncDone(
    fn: (done: (error?: unknown, value?: unknown) => void) => unknown,
    callback: (error: unknown, value?: unknown) => void,
  ): void;
}
