import { type Problem, UsageError } from '../model/errors.ts';
import { type GraphFormat, graphFormatOf } from '../model/graph-format.ts';
import type { FailureMode } from '../model/options.ts';

/** What the command line says, as gulp-cli's parser understands it. */
export interface CommandLine {
  /** The tasks to run; `default` if none is named. */
  readonly tasks: readonly string[];
  readonly gulpfile: string | undefined;
  /** gulp's `-S`; in a script, which has no such flag, `PARPROC_SILENT`. */
  readonly isSilent: boolean;
  readonly full: boolean;
  /** Keep the tasks up to date: watch their inputs. */
  readonly live: boolean;
  readonly json: boolean;
  /** All output is shown, also the last of tasks that are up to date. */
  readonly logs: boolean;
  /** `--cache=off`: nothing is up to date, and nothing is kept. */
  readonly isCacheOff: boolean;
  readonly explain: boolean;
  readonly dryRun: boolean;
  readonly parallel: number | undefined;
  /** Files to write pictures of the build to. */
  readonly timeline: string | undefined;
  readonly report: string | undefined;
  readonly graph: { readonly file: string; readonly format: GraphFormat } | undefined;
  /** What `--fail-fast` or gulp's `--continue` asks for. */
  readonly failureMode: FailureMode | undefined;
}

/** gulp's own flags by whether they take the next word as their value. */
const gulpValueFlags = new Set(['f', 'gulpfile', 'cwd', 'preload', 'tasks-depth', 'depth']);
const gulpSwitches = new Set(
  `h help v version T tasks tasks-simple compact-tasks sort-tasks color no-color S silent continue
   series L log-level`.split(/\s+/),
);
const ownSwitches = new Set(['full', 'live', 'json', 'logs', 'explain', 'dry-run', 'fail-fast']);
const ownValueFlags = new Set(['parallel', 'cache', 'timeline', 'graph', 'report']);

/** All flags of ours, as they are written. */
export const ownFlags: readonly string[] = [...ownSwitches, ...ownValueFlags].map(
  (name) => `--${name}`,
);

interface Flag {
  readonly name: string;
  readonly value: string | undefined;
}

/**
 * Reads a command line.
 *
 * @param words The arguments after `gulp`.
 * @param env Looks up an environment variable: `PARPROC_FULL` stands for `--full`, and so on.
 * @param hasOwnFlags Whether parproc's own flags count (`parproc({ flags: false })`).
 * @throws UsageError `flag-swallows-task` where gulp would take a task for the value of a flag of
 *   ours, `invalid-option` for a value that is of no use
 */
export function readCommandLine(
  words: readonly string[],
  env: (name: string) => string | undefined,
  hasOwnFlags: boolean,
): CommandLine {
  const { tasks, flags } = split(words);
  const last = (names: string[]): Flag | undefined =>
    flags.findLast((flag) => names.includes(flag.name));
  const own = (name: string): Flag | undefined => {
    if (!hasOwnFlags) return undefined;
    const twin = env(`PARPROC_${name.toUpperCase().replaceAll('-', '_')}`);
    return last([name]) ?? (twin === undefined ? undefined : { name, value: twin });
  };
  return {
    tasks: tasks.length > 0 ? tasks : ['default'],
    gulpfile: last(['f', 'gulpfile'])?.value,
    isSilent: last(['S']) !== undefined || isOn(own('silent') ?? last(['silent'])),
    full: isOn(own('full')),
    live: isOn(own('live')),
    json: isOn(own('json')),
    logs: isOn(own('logs')),
    isCacheOff: isCacheOff(own('cache')),
    explain: isOn(own('explain')),
    dryRun: isOn(own('dry-run')),
    parallel: countOf(own('parallel')),
    timeline: fileOf(own('timeline')),
    report: fileOf(own('report')),
    graph: graphOf(own('graph')),
    failureMode: failureModeOf(isOn(own('fail-fast')), last(['continue']) !== undefined),
  };
}

function split(words: readonly string[]): { tasks: string[]; flags: Flag[] } {
  const tasks: string[] = [];
  const flags: Flag[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const match = /^--?([^=-][^=]*)(?:=(.*))?$/s.exec(word);
    if (match === null) {
      if (word !== '--') tasks.push(word);
      continue;
    }
    const name = match[1] ?? '';
    const next = words[at + 1];
    const takesNext =
      match[2] === undefined && next !== undefined && !next.startsWith('-') && takesValue(name);
    flags.push({ name, value: takesNext ? next : match[2] });
    if (takesNext) at++;
  }
  return { tasks, flags };
}

/** gulp's parser gives every flag that it does not know the next word, unless that is a flag too. */
function takesValue(name: string): boolean {
  return gulpValueFlags.has(name) || !gulpSwitches.has(name);
}

function isOn(flag: Flag | undefined): boolean {
  if (flag === undefined) return false;
  const { value } = flag;
  if (value === undefined || /^(?:1|true|on|yes)$/i.test(value)) return true;
  if (/^(?:|0|false|off|no)$/i.test(value)) return false;
  if (!ownSwitches.has(flag.name)) return true;
  return fail({
    code: 'flag-swallows-task',
    text: `gulp takes '${value}' for the value of --${flag.name}, not for a task.`,
    hint: `Write the flag after the task names: gulp ${value} --${flag.name}`,
  });
}

function failureModeOf(isFailFast: boolean, isContinue: boolean): FailureMode | undefined {
  if (isFailFast && isContinue) {
    fail({
      code: 'invalid-option',
      text: '--fail-fast and --continue ask for opposite things.',
      hint: 'Take one of them away; to go on after a failure is the default.',
    });
  }
  if (isFailFast) return 'no-new';
  return isContinue ? 'continue' : undefined;
}

function isCacheOff(flag: Flag | undefined): boolean {
  if (flag === undefined) return false;
  if (/^(?:off|0|false|no)$/i.test(flag.value ?? '')) return true;
  if (/^(?:on|1|true|yes)$/i.test(flag.value ?? '')) return false;
  return fail({
    code: 'invalid-option',
    text: `--cache is ${flag.value === undefined ? 'empty' : `'${flag.value}'`}.`,
    hint: 'Write --cache=off to do without; where the cache is says the option of parproc().',
  });
}

function countOf(flag: Flag | undefined): number | undefined {
  if (flag === undefined || !ownValueFlags.has(flag.name)) return undefined;
  const count = Number(flag.value);
  if (Number.isSafeInteger(count) && count > 0) return count;
  return fail({
    code: 'invalid-option',
    text: `--parallel is ${flag.value === undefined ? 'empty' : `'${flag.value}'`}.`,
    hint: 'Give a whole number from 1 on: --parallel=4',
  });
}

function fileOf(flag: Flag | undefined): string | undefined {
  if (flag === undefined || (flag.value ?? '') !== '') return flag?.value;
  return fail({
    code: 'invalid-option',
    text: `--${flag.name} is empty.`,
    hint: `Give a file name: --${flag.name}=build.json`,
  });
}

function graphOf(flag: Flag | undefined): CommandLine['graph'] {
  const file = fileOf(flag);
  if (file === undefined) return undefined;
  const format = graphFormatOf(file);
  if (format !== undefined) return { file, format };
  return fail({
    code: 'invalid-option',
    text: `--graph is '${file}', of which nothing tells the format.`,
    hint: 'Give a file name that ends in .mmd (Mermaid), .dot (Graphviz) or .json.',
  });
}

function fail(problem: Problem): never {
  throw new UsageError([problem]);
}
