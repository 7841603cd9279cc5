import assert from 'node:assert/strict';
import { outputOf } from '../rig/run-shell.ts';
import type { TempProject } from '../rig/temp-project.ts';

/** One command of a document, and what the document says that it prints. */
export interface Step {
  readonly command: string;
  readonly shown: readonly string[];
}

/** The commands in `lines`: each begins with `$ `, and what it prints follows. */
export function stepsOf(lines: readonly string[]): Step[] {
  const steps: { command: string; shown: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), shown: [] });
    else {
      assert.ok(steps.length > 0, `a transcript begins with a command, not with '${line}'`);
      steps.at(-1)?.shown.push(line);
    }
  }
  return steps;
}

/**
 * Runs the commands one after the other; asserts that each prints what is shown.
 *
 * @param limitMs How long each may take.
 */
export async function assertTranscript(
  project: TempProject,
  steps: readonly Step[],
  limitMs?: number,
): Promise<void> {
  for (const { command, shown } of steps) {
    const printed = comparable(await outputOf(project, command, limitMs));
    const expected = comparable(shown);
    if (!patternOf(expected).test(printed.join('\n'))) {
      assert.equal(printed.join('\n'), expected.join('\n'), `$ ${command}`);
    }
  }
}

/** Lines without what differs from run to run: times of day and durations. */
function comparable(lines: readonly string[]): string[] {
  return lines
    .map((line) =>
      line
        .replaceAll(/logs\/[\d-]+\//g, 'logs/(run)/')
        .replaceAll(/\[\d\d:\d\d:\d\d\]/g, '[time]')
        .replaceAll(
          /(?<=(?:in|after| {2})\s?)\d+(?:\.\d+)? (?:μs|ms|s|min)(?: \d\d s)?\b/g,
          '(a while)',
        )
        .trimEnd(),
    )
    .filter((line) => line !== '');
}

/** A line `…` stands for any lines. */
function patternOf(lines: readonly string[]): RegExp {
  const text = lines.map((line) =>
    line === '…' ? '(?:.*\n)*?' : `${line.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}\n`,
  );
  return new RegExp(
    `^${text.join('')}$`.replace(/\n\$$/, '$').replace(/\(\?:\.\*\n\)\*\?\$$/, '[^]*$'),
  );
}
