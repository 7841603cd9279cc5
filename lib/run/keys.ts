import process from 'node:process';
import { openTerminalGuard, type TerminalGuard } from './terminal-guard.ts';

/** Takes single keys from the terminal, unless something else uses it. */
interface Keys {
  resume(): void;
  suspend(): void;
}

let keys: Keys | undefined;
/** How many questions are being asked. */
let questionCount = 0;

/**
 * Calls `run` for each key that is pressed at the terminal, and nothing if standard input is none. A
 * question to the person comes first. Ctrl-C and Ctrl-Z do what they do elsewhere.
 *
 * @returns Stops that, and gives the terminal back.
 */
export function listenToKeys(run: (key: string) => void): () => void {
  if (!process.stdin.isTTY) return () => undefined;
  let hasStopped = false;
  let stop = (): void => undefined;
  void openTerminalGuard().then((guard) => {
    if (hasStopped) guard.end();
    else stop = takeKeys(run, guard);
  });
  return () => {
    hasStopped = true;
    stop();
  };
}

function takeKeys(run: (key: string) => void, guard: TerminalGuard): () => void {
  const { stdin } = process;
  const take = (data: Buffer): void => {
    for (const key of data.toString('utf8')) {
      if (key === '\u0003') process.kill(process.pid, 'SIGINT');
      else if (key === '\u001a') pauseProcess();
      else run(key);
    }
  };
  const taken: Keys = {
    resume() {
      if (questionCount > 0) return;
      stdin.setRawMode(true);
      guard.raw();
      stdin.on('data', take).resume();
      // Pressing keys is not what the process is there for.
      stdin.unref();
    },
    suspend() {
      stdin.off('data', take).pause();
      stdin.setRawMode(false);
      guard.cooked();
    },
  };
  keys = taken;
  process.on('SIGCONT', taken.resume);
  taken.resume();
  return () => {
    process.off('SIGCONT', taken.resume);
    taken.suspend();
    guard.end();
    keys = undefined;
  };
}

/** Keeps keys from being taken while `ask` asks the person for something. */
export async function withoutKeys<T>(ask: () => Promise<T>): Promise<T> {
  questionCount++;
  keys?.suspend();
  try {
    return await ask();
  } finally {
    questionCount--;
    keys?.resume();
  }
}

/** What the terminal does itself if nobody reads single keys. */
function pauseProcess(): void {
  keys?.suspend();
  process.kill(0, 'SIGTSTP');
}
