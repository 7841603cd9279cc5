import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Place } from '../model/place.ts';

/** Where a definition was written, and in which loading of that file. */
export interface CallSite {
  readonly place: Place;
  /** Differs between two loadings of one file, such as by `require` and by `import`. */
  readonly script: string;
}

const ownFolder = dirname(dirname(fileURLToPath(import.meta.url)));
/** Stack frames show our sources instead of `dist` where source maps are on. */
const ownSources = join(dirname(dirname(ownFolder)), 'lib');
const unknown: Place = { file: 'unknown', line: 0, column: 0 };
const frameEnd =
  /(?:\(|at (?:async )?)((?:file:\/\/|node:|\/|[A-Za-z]:[\\/])[^()]*):(\d+):(\d+)\)?$/;

/** The innermost place on the stack that is not in parproc itself. */
export function callSite(): CallSite {
  return { place: userPlace(new Error().stack ?? ''), script: userScript() };
}

/**
 * The innermost place on the stack that is in no package either, for what a package calls us with.
 *
 * @param file What it is if there is none.
 */
export function outerSite(file: string | undefined): CallSite {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 30;
  const isPackage = (path: string): boolean => /[\\/]node_modules[\\/]|^node:/.test(path);
  const place = userPlace(new Error().stack ?? '', isPackage);
  Error.stackTraceLimit = stackTraceLimit;
  const isKnown = place !== unknown || file === undefined;
  return { place: isKnown ? place : { file, line: 1, column: 1 }, script: userScript() };
}

function userPlace(stack: string, isSkipped: (path: string) => boolean = () => false): Place {
  for (const line of stack.split('\n').slice(1)) {
    const match = frameEnd.exec(line);
    const file = pathOf(match?.[1] ?? '');
    if (match === null || isOurs(file) || isSkipped(file)) continue;
    return { file, line: Number(match[2]), column: Number(match[3]) };
  }
  return unknown;
}

/** As the engine names the script: without source maps, with the query that a loader appends. */
function userScript(): string {
  const original = Error.prepareStackTrace;
  let frames: NodeJS.CallSite[] = [];
  Error.prepareStackTrace = (_error, callSites) => {
    frames = callSites;
    return '';
  };
  void new Error().stack;
  Error.prepareStackTrace = original;
  const scripts = frames.map((frame) => frame.getFileName() ?? '');
  return scripts.find((script) => script !== '' && !isOurs(pathOf(script))) ?? 'unknown';
}

function isOurs(file: string): boolean {
  return file.startsWith(ownFolder + sep) || file.startsWith(ownSources + sep);
}

function pathOf(url: string): string {
  const plain = url.split('?')[0] ?? url;
  return plain.startsWith('file://') ? fileURLToPath(plain) : plain;
}
