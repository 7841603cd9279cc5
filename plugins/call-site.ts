import { relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** Where a function was called. */
export interface CallSite {
  /** The place, such as `gulpfile.js:12`. */
  readonly place: string;
  /** The files of the project that have led to the call, absolute. */
  readonly files: readonly string[];
}

/** Gulpfiles call through functions of their own. */
const mostFrames = 50;
/** What the folder of this file lies in: the sources, or what was built. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url));
/** `core` in the bundle. */
const ownFolders = ['plugins', 'lib', 'core'];

/** Where `callee`, which is on the stack, was called. */
export function callSite(callee: (...args: never[]) => unknown): CallSite {
  const trace: { stack?: string } = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = mostFrames;
  Error.captureStackTrace(trace, callee);
  Error.stackTraceLimit = stackTraceLimit;
  const frames = (trace.stack ?? '').split('\n').slice(1).flatMap(frameOf);
  const [first] = frames;
  const files = frames.map(({ file }) => file).filter(isOfProject);
  return {
    place: first === undefined ? '' : `${relative(process.cwd(), first.file)}:${first.row}`,
    files: [...new Set(files)],
  };
}

interface Frame {
  readonly file: string;
  readonly row: string;
}

function frameOf(line: string): Frame[] {
  const [, place, row] =
    /\(?((?:file:\/\/)?[^\s()][^()]*):(\d+):\d+\)?$/.exec(line.replace(/^\s*at (?:.* \()?/, '(')) ??
    [];
  if (place === undefined || row === undefined || place.startsWith('node:')) return [];
  return [{ file: place.startsWith('file:') ? fileURLToPath(place) : place, row }];
}

/** Packages are told apart by the lock file. */
function isOfProject(file: string): boolean {
  const isOwn = ownFolders.some((folder) => file.startsWith(`${ownFolder}${folder}`));
  return !isOwn && !/[\\/]node_modules[\\/]/.test(file);
}
