import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';

type Report = (error: unknown) => void;

const reports = new AsyncLocalStorage<Report>();
let isWatching = false;

/**
 * Runs `action`, and reports errors of the streams in it that nobody would ever hear of: what gulp
 * 5 reads files with listens to the errors of the stream that it is piped into, for itself. Then
 * Node takes them for handled, and the pipeline stands still (gulp: issue 2812).
 *
 * From the first call on, every emitter of the process is asked whether it is being piped into.
 */
export function reportingPiped<T>(report: Report, action: () => T): T {
  watchPipes();
  return reports.run(report, action);
}

/**
 * From now on such errors reach whoever waits in the domain in which the stream was made: gulp, for one
 * of its tasks.
 *
 * Every stream that is piped into is told so by an event, whatever library it comes from, and that
 * is all that they have in common: plugins bring streams of their own, which do not inherit from
 * those of Node, and gulp a copy of vinyl-fs that cannot be had from here.
 */
export function watchPipes(): void {
  if (isWatching) return;
  isWatching = true;
  const { emit } = EventEmitter.prototype;
  // Arguments are not named, since naming them makes a list of them for each event.
  // biome-ignore-start lint/complexity/noArguments: that is why
  EventEmitter.prototype.emit = function (this: EventEmitter) {
    if (arguments[0] === 'pipe') watchPipe(arguments[1], this);
    else if (arguments[0] === 'error') nameFile(arguments[1], this);
    return Reflect.apply(emit, this, arguments) as boolean;
  };
  // biome-ignore-end lint/complexity/noArguments: that is why
}

/** Of streamx, which is known by this. Among themselves such streams hand errors on. */
function isDeaf(stream: unknown): boolean {
  return typeof (stream as { _duplexState?: unknown } | undefined)?._duplexState === 'number';
}

interface ObjectTransform extends EventEmitter {
  readonly _writableState?: { readonly objectMode?: boolean };
  _transform?: unknown;
}

/** The file that is being transformed; `undefined` if there has been none yet. */
const inTransform = new WeakMap<EventEmitter, string | undefined>();

/** Plugins that are no streams of streamx transform one file after the other. */
function followFiles(target: ObjectTransform): void {
  const { _transform: transform, _writableState: state } = target;
  if (typeof transform !== 'function' || state?.objectMode !== true) return;
  if (inTransform.has(target)) return;
  inTransform.set(target, undefined);
  target._transform = function (this: unknown, file: unknown, ...rest: unknown[]): unknown {
    const path = (file as { readonly path?: unknown } | null)?.path;
    inTransform.set(target, typeof path === 'string' ? path : undefined);
    return Reflect.apply(transform, this, [file, ...rest]);
  };
}

/** Few plugins say at which file they have failed. */
function nameFile(error: unknown, stream: EventEmitter): void {
  const path = inTransform.get(stream);
  if (path === undefined || !(error instanceof Error) || !Object.isExtensible(error)) return;
  const { fileName } = error as { readonly fileName?: unknown };
  if (typeof fileName !== 'string') Object.assign(error, { fileName: path });
}

const deafSources = new WeakMap<EventEmitter, number>();

function watchPipe(source: unknown, target: EventEmitter): void {
  followFiles(target);
  if (!isDeaf(source) || isDeaf(target)) return;
  const report = reports.getStore() ?? domainReport();
  if (report === undefined) return;
  const known = deafSources.get(target) ?? 0;
  deafSources.set(target, known + 1);
  if (known > 0) return;
  target.on('error', (error: unknown) => {
    // Besides this one and those of the sources there is somebody who takes care of it.
    const isHeard = target.listenerCount('error') > 1 + (deafSources.get(target) ?? 0);
    if (!isHeard) report(error);
  });
}

function domainReport(): Report | undefined {
  const domain = currentDomain();
  if (domain === undefined) return undefined;
  return (error) => {
    // Nobody waits any more if the task has ended.
    if (domain.listenerCount('error') > 0) domain.emit('error', error);
  };
}

/** The domain that is active now, which takes errors that nobody listens to. */
export function currentDomain(): EventEmitter | undefined {
  return (new EventEmitter() as { readonly domain?: EventEmitter | null }).domain ?? undefined;
}
