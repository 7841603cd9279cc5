import { spawn } from 'node:child_process';
import process from 'node:process';

/**
 * A shell in a session of its own that has the terminal as descriptor 3 and blocks on a pipe from here.
 * When this process is killed while single keys were read, the pipe ends, and the shell puts the terminal
 * back: unless somebody else has done so, as shells do that were told of the end. Such a shell, which is in
 * another process group, gets time for it; what started gulp in its own group does not care for terminals.
 */
const script = `
trap '' INT TERM HUP QUIT TSTP TTIN TTOU
group() {
  if [ -r "/proc/$1/stat" ]; then
    read -r line < "/proc/$1/stat"
    set -- \${line##*) }
    echo "$3"
  else
    echo $(ps -o pgid= -p "$1")
  fi
}
saved=$(stty -g <&3) || exit
[ "$(group "$1")" = "$(group "$2")" ] && isShell= || isShell=1
echo
raw=
while read -r word; do
  raw=
  [ "$word" = raw ] && raw=$(stty -g <&3)
done
[ "$raw" ] || exit
[ "$isShell" ] && sleep 0.3
[ "$(stty -g <&3)" = "$raw" ] && stty "$saved" <&3
`;

/** Sees to it that the terminal does not stay as it is if this process is killed. */
export interface TerminalGuard {
  /** Single keys are read from now on. */
  raw(): void;
  /** The terminal is as it was. */
  cooked(): void;
  /** The terminal is as it was, and stays so. */
  end(): void;
}

/**
 * To be called while the terminal of standard input is as it was found. Resolves when that has been noted.
 * Never rejects: where there is no shell nothing is guarded.
 */
export async function openTerminalGuard(): Promise<TerminalGuard> {
  if (process.platform === 'win32') return { raw() {}, cooked() {}, end() {} };
  const ids = [String(process.pid), String(process.ppid)];
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...ids], {
    detached: true,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'pipe', 'ignore', process.stdin.fd],
  });
  const { stdin, stdout } = child;
  stdin?.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    stdout?.once('data', () => resolve());
    child.once('exit', () => resolve()).once('error', () => resolve());
  });
  stdout?.destroy();
  child.unref();
  (stdin as { unref?: () => void } | null)?.unref?.();
  return {
    raw: () => void stdin?.write('raw\n'),
    cooked: () => void stdin?.write('cooked\n'),
    end: () => void stdin?.end('cooked\n'),
  };
}
