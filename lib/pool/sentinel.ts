import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';

/**
 * A shell in a session of its own that is told of every group and blocks on a pipe from here. When
 * this process ends, however it does, the pipe ends, and the shell stops all groups, finds what has
 * left them, and kills everything. A worker in an endless loop could not do that itself.
 */
const script = `
trap '' INT TERM HUP QUIT PIPE
groups=' '
while read -r word pid; do
  case $word in
    +) groups="$groups$pid " ;;
    -) case $groups in *" $pid "*) groups="\${groups%% $pid *} \${groups#* $pid }" ;; esac ;;
  esac
done
[ "$groups" = ' ' ] && exit
for pid in $groups; do kill -STOP "-$pid"; done
pairs=
if [ -r /proc/self/stat ]; then
  for file in /proc/[0-9]*/stat; do
    read -r line < "$file" || continue
    set -- \${line##*) }
    pid=\${file#/proc/}
    pairs="$pairs \${pid%/stat}:$2"
  done
else
  pairs=$(ps -A -o pid= -o ppid= | while read -r pid parent; do echo "$pid:$parent"; done)
fi
doomed=$groups
size=
while [ "$size" != "$doomed" ]; do
  size=$doomed
  for pair in $pairs; do
    case $doomed in *" \${pair%:*} "*) continue ;; esac
    case $doomed in *" \${pair#*:} "*) doomed="$doomed\${pair%:*} " ;; esac
  done
done
for pid in $groups; do kill -KILL "-$pid"; done
for pid in $doomed; do kill -KILL "$pid"; done
`;

const groups = new Set<number>();
let sentinel: ChildProcess | undefined;
let isListening = false;
let hasFailed = process.platform === 'win32';

/** From now on the group that `pid` leads does not outlive this process. */
export function guardGroup(pid: number): void {
  groups.add(pid);
  if (!isListening) {
    isListening = true;
    process.on('exit', killUnguarded);
  }
  if (hasFailed) return;
  if (sentinel === undefined) startSentinel();
  else tell('+', pid);
}

/** The group that `pid` led is gone. */
export function releaseGroup(pid: number): void {
  groups.delete(pid);
  tell('-', pid);
  if (groups.size > 0) return;
  sentinel?.stdin?.end();
  sentinel = undefined;
}

function startSentinel(): void {
  const child = spawn('/bin/sh', ['-c', script], {
    detached: true,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  sentinel = child;
  child.stdin.on('error', () => undefined);
  child.on('error', () => {
    hasFailed = true;
    sentinel = undefined;
  });
  child.on('exit', () => {
    if (sentinel !== child) return;
    sentinel = undefined;
    // Somebody has killed it.
    if (groups.size > 0 && !hasFailed) startSentinel();
  });
  child.unref();
  (child.stdin as { unref?: () => void }).unref?.();
  for (const pid of groups) tell('+', pid);
}

function tell(word: '+' | '-', pid: number): void {
  sentinel?.stdin?.write(`${word} ${pid}\n`);
}

/** Where there is no sentinel, an ordinary exit at least leaves nothing behind. */
function killUnguarded(): void {
  if (sentinel !== undefined) return;
  for (const pid of groups) {
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch {
      // It has gone already.
    }
  }
}
