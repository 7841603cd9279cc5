import type { Reporter } from '../model/run-event.ts';

/**
 * One JSON object per event and line: `{ v: 1, at, event, run?, task?, ... }`, fields as in
 * `RunEvent`. For `task-ended` the state's name is in `state` and what it carries (`tookMs`,
 * `failure`, `cause`) stands beside it.
 */
export function jsonReporter(out: { readonly write: (text: string) => void }): Reporter {
  return (event) => {
    const { at, event: name, ...rest } = event;
    const flat =
      event.event === 'task-ended'
        ? { ...rest, ...event.state, kind: undefined, state: event.state.kind }
        : rest;
    out.write(
      `${JSON.stringify({ v: 1, at: Math.round(at * 1000) / 1000, event: name, ...flat })}\n`,
    );
  };
}
