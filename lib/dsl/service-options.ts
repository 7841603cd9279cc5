import { inspect } from 'node:util';
import type { ReadyWhen, Service } from '../model/service.ts';
import type { Draft } from './draft.ts';

/** How it is known that a service is ready. */
export interface ServiceOptions {
  /**
   * A port: something listens there, at 127.0.0.1 or ::1. A RegExp: a line that the service has
   * written fits it, to standard output or error, colours left out.
   */
  readonly readyWhen: RegExp | number;
}

/** @throws DefinitionError `invalid-option` */
export function serviceOf(options: ServiceOptions, draft: Draft): Service {
  draft.requireObject('service', options, '{ readyWhen: 3000 }');
  const stray = Object.keys(options).find((name) => name !== 'readyWhen');
  if (stray !== undefined) {
    const text = `.service() of '${draft.name}' knows no option '${stray}'.`;
    draft.fail('invalid-option', text, 'It has readyWhen.');
  }
  const readyWhen = readyWhenOf(options.readyWhen);
  if (readyWhen === undefined) {
    const text = `readyWhen in .service() of '${draft.name}' is ${inspect(options.readyWhen)}.`;
    const hint = 'Give a port from 1 to 65535, or a regular expression for a line that it writes.';
    draft.fail('invalid-option', text, hint);
  }
  return Object.freeze({ readyWhen });
}

function readyWhenOf(given: unknown): ReadyWhen | undefined {
  // With `g` or `y` a RegExp remembers where it was, which is nothing to go by here.
  if (given instanceof RegExp) {
    return { kind: 'line', source: given.source, flags: given.flags.replace(/[gy]/g, '') };
  }
  const isPort = Number.isInteger(given) && (given as number) >= 1 && (given as number) <= 65_535;
  return isPort ? { kind: 'port', port: given as number } : undefined;
}

/** What a service cannot be at the same time: what is wrong, and what to do about it. */
export function serviceConflict(draft: Draft): readonly [text: string, hint: string] | undefined {
  if (draft.service === undefined) return undefined;
  if (draft.action === undefined) {
    return [
      `'${draft.name}' has .service() and no action.`,
      'Add .action(): what it starts is the service.',
    ];
  }
  const steps: readonly (readonly [has: boolean, step: string, why: string])[] = [
    [draft.outputs.length > 0, 'outputs', 'Files are made by a task that ends: give them one.'],
    [draft.noSkip, 'noSkip', 'It starts whenever it is needed and does not run. Take it away.'],
    [draft.now, 'now', 'Name it in .deps() of what needs it.'],
    [
      draft.softTimeoutMs !== undefined,
      'softTimeout',
      '.timeout() is how long it may take to be ready.',
    ],
    [draft.inProcess, 'inProcess', 'It is stopped by ending its process. Take .inProcess() away.'],
  ];
  const found = steps.find(([has]) => has);
  if (found === undefined) return undefined;
  const [, step, hint] = found;
  return [`'${draft.name}' has both .service() and .${step}().`, hint];
}
