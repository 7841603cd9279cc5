import { relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** Where `callee`, which is on the stack, was called, such as `gulpfile.js:12`. */
export function callSite(callee: (...args: never[]) => unknown): string {
  const trace: { stack?: string } = {};
  Error.captureStackTrace(trace, callee);
  const [, line = ''] = (trace.stack ?? '').split('\n');
  const [, place = '', row = ''] = /\(?((?:file:\/\/)?[^\s()]+):(\d+):\d+\)?$/.exec(line) ?? [];
  const file = place.startsWith('file:') ? fileURLToPath(place) : place;
  return `${relative(process.cwd(), file)}:${row}`;
}
