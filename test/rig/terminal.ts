import assert from 'node:assert/strict';
import {
  type ChildProcessWithoutNullStreams,
  execFile,
  spawn,
  spawnSync,
} from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { killCarriers, survivorsOf } from './survivors.ts';
import type { TempProject } from './temp-project.ts';

const run = promisify(execFile);

/** Why tests with a terminal cannot run here; false if they can. */
export const noTerminal: string | false =
  spawnSync('tmux', ['-V']).status === 0 ? false : 'tmux is not installed';

/** A size in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A real terminal (tmux) in which gulp runs. */
export class Terminal {
  readonly #socket: string;
  readonly #token: string;
  readonly #project: TempProject;
  /** Tells of every output, so that nobody has to look at the screen again and again. */
  readonly #watcher: ChildProcessWithoutNullStreams;
  #looks = new Set<() => void>();

  /**
   * Starts `gulp ...args` in a terminal of that size; with job control in a process group of its own, as
   * from the prompt of a shell.
   */
  static async open(
    project: TempProject,
    args: readonly string[],
    { columns, rows }: Size = { columns: 80, rows: 24 },
    env: Readonly<Record<string, string>> = {},
    hasJobControl = false,
  ): Promise<Terminal> {
    const token = randomUUID();
    const socket = join(project.folder, `tmux-${token.slice(0, 8)}`);
    const bin = join(project.folder, 'node_modules/gulp/bin/gulp.js');
    const settings = Object.entries({ PARPROC_TEST_TOKEN: token, ...env });
    const command = [
      ...['env', '-u', 'CI', '-u', 'GITHUB_ACTIONS', '-u', 'NO_COLOR', '-u', 'FORCE_COLOR'],
      ...[...settings.map(([name, value]) => `${name}=${value}`), process.execPath, bin, ...args],
    ];
    project.write(
      'in-terminal.sh',
      `${hasJobControl ? 'set -m' : ''}\ntrap : INT\nstty -g > stty-before\n${command.map(quoted).join(' ')}\ncode=$?
stty -g > stty-after\necho "(exit code $code)"\nexec sleep 600\n`,
    );
    const size = ['-x', String(columns), '-y', String(rows)];
    await run(
      'tmux',
      ['-S', socket, '-f', '/dev/null', 'new-session', '-d', ...size, 'sh in-terminal.sh'],
      { cwd: project.folder, env: { PATH: process.env['PATH'], LANG: 'C.UTF-8' } },
    );
    return new Terminal(project, socket, token);
  }

  private constructor(project: TempProject, socket: string, token: string) {
    this.#project = project;
    this.#socket = socket;
    this.#token = token;
    this.#watcher = spawn('tmux', ['-S', socket, '-C', 'attach', '-f', 'ignore-size']);
    this.#watcher.stdout.on('data', () => {
      for (const look of this.#looks) look();
    });
  }

  /** The lines of the screen, without what is empty at its end. */
  async screen(): Promise<string[]> {
    const text = await this.#tmux('capture-pane', '-p');
    return text.trimEnd().split('\n');
  }

  /** All that was ever printed and not taken away again. */
  async history(): Promise<string[]> {
    const text = await this.#tmux('capture-pane', '-p', '-S', '-');
    return text.trimEnd().split('\n');
  }

  /** Resolves with the screen as soon as it `fits`; fails if it never does. */
  async until(fits: (lines: readonly string[]) => boolean): Promise<string[]> {
    let screen = await this.screen();
    let isLate = false;
    const deadline = setTimeout(() => {
      isLate = true;
      for (const look of this.#looks) look();
    }, 30_000);
    while (!fits(screen) && !isLate) {
      await new Promise<void>((resolve) => {
        const look = (): void => {
          this.#looks.delete(look);
          resolve();
        };
        this.#looks.add(look);
        // What came while nobody listened.
        void this.screen().then((now) => fits(now) && look());
      });
      screen = await this.screen();
    }
    clearTimeout(deadline);
    assert.ok(fits(screen), `the screen never fitted:\n${screen.join('\n')}`);
    return screen;
  }

  /** Resolves when the screen shows these lines, times and spinners aside. */
  async shows(expected: readonly string[]): Promise<void> {
    const last = { screen: [] as string[] };
    const isShown = (lines: readonly string[]): boolean => {
      last.screen = comparable(lines);
      return last.screen.join('\n') === expected.join('\n');
    };
    await this.until(isShown).catch(() => undefined);
    assert.deepEqual(last.screen, expected);
  }

  /** Resolves with all that was printed when gulp has ended, and nothing of it is left. */
  async ended(): Promise<string[]> {
    await this.until((lines) => lines.some((line) => line.startsWith('(exit code ')));
    assert.deepEqual(await survivorsOf(this.#token), []);
    return this.history();
  }

  async resize({ columns, rows }: Size): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** Writes to the terminal as another process would. */
  async write(text: string): Promise<void> {
    const tty = await this.#tmux('display-message', '-p', '#{pane_tty}');
    writeFileSync(tty.trim(), text);
  }

  /** Presses keys, as tmux names them: `C-c`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  /** Resolves when the modes of the terminal (echo, lines or keys) are those from before gulp, or are not. */
  async modes(are: 'as before' | 'changed'): Promise<void> {
    const tty = (await this.#tmux('display-message', '-p', '#{pane_tty}')).trim();
    const isAwaited = async (): Promise<boolean> => {
      const { stdout } = await run('stty', ['-g', '-F', tty]);
      return (stdout === this.#project.read('stty-before')) === (are === 'as before');
    };
    // The system tells nobody.
    const deadline = performance.now() + 30_000;
    while (!(await isAwaited())) {
      assert.ok(performance.now() < deadline, `the modes of the terminal never were ${are}`);
    }
  }

  /** Whether the cursor is visible. */
  async hasCursor(): Promise<boolean> {
    return (await this.#tmux('display-message', '-p', '#{cursor_flag}')).trim() === '1';
  }

  /** From now on all that is printed goes to a file as well, escape sequences and all. */
  async record(file: string): Promise<void> {
    await this.#tmux('pipe-pane', `cat > ${quoted(join(this.#project.folder, file))}`);
  }

  /** Whether everything about the terminal is as it was before: cursor, screen, echo and the like. */
  async isRestored(): Promise<boolean> {
    const flags = await this.#tmux(
      'display-message',
      '-p',
      '#{cursor_flag} #{alternate_on} #{mouse_any_flag} #{wrap_flag} #{insert_flag}',
    );
    const isSame = this.#project.read('stty-before') === this.#project.read('stty-after');
    return isSame && flags.trim() === '1 0 0 1 0';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    killCarriers(this.#token);
    this.#watcher.kill();
    await this.#tmux('kill-server').catch(() => undefined);
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    return (await run('tmux', ['-S', this.#socket, ...args])).stdout;
  }
}

/** Lines without what differs from run to run: times, spinners, the runs of log files. */
export function comparable(lines: readonly string[]): string[] {
  return lines
    .map((line) =>
      line
        .replace(/^\[\d\d:\d\d:\d\d\]/, '[time]')
        .replace(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏](?= )/, '*')
        .replaceAll(/ +\b\d+(?:\.\d+)? (?:μs|ms|s|min)(?: \d\d s)?\b/g, ' TIME')
        .replaceAll(/logs\/[\d-]+\//g, 'logs/RUN/')
        .trimEnd(),
    )
    .filter((line) => !line.includes('Using gulpfile'));
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
