import { placeText } from '../model/place.ts';
import type { RunEvent } from '../model/run-event.ts';
import type { EndState } from '../model/state.ts';
import { failureText } from './failure-text.ts';
import { logPathText } from './log-block.ts';
import { block, type Look } from './look.ts';
import { safeName } from './terminal-safe.ts';

/** What is known of a failed task. */
export interface FailedTask {
  readonly event: Extract<RunEvent, { event: 'task-ended' }>;
  readonly state: Extract<EndState, { kind: 'failed' }>;
  /** The values of its placeholders. */
  readonly args: Readonly<Record<string, string>> | undefined;
  /** Its log, if it wrote anything. */
  readonly logPath: string | undefined;
  /** What comes before the name of a task in the command that runs it; undefined if nothing does. */
  readonly command: string | undefined;
}

/** Why a task failed, where it is defined, where its log is, and how to run it again. */
export function failureBlock(task: FailedTask, look: Look): string {
  const { event, state, args, command, logPath } = task;
  const lines = [failureText(state.failure)];
  if (args !== undefined) lines.push(`arguments ${safeName(argsText(args))}`);
  if (event.place !== undefined) lines.push(`defined at ${safeName(placeText(event.place))}`);
  if (command !== undefined) {
    lines.push(`run it again: ${command} ${shellWord(safeName(event.task))}`);
  }
  const text = block(look, 'red', lines.join('\n'));
  if (logPath === undefined) return text;
  // By itself, since a link would not survive what makes text safe.
  return `${text}  ${look.paint('red', '┃')} log: ${logPathText(logPath, look)}\n`;
}

function argsText(args: Readonly<Record<string, string>>): string {
  return Object.entries(args)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function shellWord(word: string): string {
  return /^[\w:./@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
