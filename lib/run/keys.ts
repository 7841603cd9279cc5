import process from 'node:process';

let resume: (() => void) | undefined;
let suspend: (() => void) | undefined;

/**
 * Calls `run` for each key that is pressed at the terminal, and nothing if standard input is none. A
 * question to the person comes first. Ctrl-C and Ctrl-Z do what they do elsewhere.
 *
 * @returns Stops that, and gives the terminal back.
 */
export function listenToKeys(run: (key: string) => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  const take = (data: Buffer): void => {
    for (const key of data.toString('utf8')) {
      if (key === '\u0003') process.kill(process.pid, 'SIGINT');
      else if (key === '\u001a') pauseProcess();
      else run(key);
    }
  };
  resume = () => {
    stdin.setRawMode(true);
    stdin.on('data', take).resume();
    // Pressing keys is not what the process is there for.
    stdin.unref();
  };
  suspend = () => {
    stdin.off('data', take).pause();
    stdin.setRawMode(false);
  };
  const goOn = (): void => resume?.();
  process.on('SIGCONT', goOn);
  resume();
  return () => {
    process.off('SIGCONT', goOn);
    suspend?.();
    resume = undefined;
    suspend = undefined;
  };
}

/**
 * Keeps keys from being taken while `ask` asks the person for something.
 *
 * @returns Whether keys are taken otherwise.
 */
export async function withoutKeys<T>(ask: (areKeysTaken: boolean) => Promise<T>): Promise<T> {
  suspend?.();
  try {
    return await ask(resume !== undefined);
  } finally {
    resume?.();
  }
}

/** What the terminal does itself if nobody reads single keys. */
function pauseProcess(): void {
  suspend?.();
  process.kill(0, 'SIGTSTP');
}
