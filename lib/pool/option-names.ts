import { InvalidOption } from './pool-errors.ts';

/** Names of billiard that have no option here, and what stands in their place. */
const replaced: Readonly<Record<string, string>> = {
  synack: 'A job that has not started can always be cancelled: by terminate() or its signal.',
  enabletimeouts: 'Limits always work: give timeout or softTimeout.',
  context: 'Workers are always fresh processes, as with spawn.',
  threads: 'The event loop does what threads do in billiard.',
  waitforslot: 'It is an option of applyAsync().',
};

/**
 * Checks the names in `options`.
 *
 * @throws InvalidOption That says what to write instead.
 */
export function checkNames(options: object, known: readonly string[], where: string): void {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidOption(`${where} takes an object of options.`, `Known: ${known.join(', ')}.`);
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const flat = flatName(unknown);
  const near = known.find((name) => flatName(name) === flat) ?? renamed[flat];
  const isNear = near !== undefined && known.includes(near);
  const hint = isNear ? `Write ${near}.` : (replaced[flat] ?? `Known: ${known.join(', ')}.`);
  throw new InvalidOption(`${where} has no option '${unknown}'.`, hint);
}

const renamed: Readonly<Record<string, string>> = {
  concurrency: 'processes',
  size: 'processes',
  maxworkers: 'processes',
  maxtasksperworker: 'maxTasksPerChild',
  maxmemoryperworker: 'maxMemoryPerChild',
  softtimelimit: 'softTimeout',
  timelimit: 'timeout',
};

function flatName(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}
