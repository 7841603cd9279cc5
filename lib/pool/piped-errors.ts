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
 * Every stream that is piped into is told so by an event, whatever library it comes from, and that
 * is all that they have in common: plugins bring streams of their own, which do not inherit from
 * those of Node, and gulp a copy of vinyl-fs that cannot be had from here.
 */
function watchPipes(): void {
  if (isWatching) return;
  isWatching = true;
  const { emit } = EventEmitter.prototype;
  // Arguments are not named, since naming them makes a list of them for each event.
  // biome-ignore-start lint/complexity/noArguments: that is why
  EventEmitter.prototype.emit = function (this: EventEmitter) {
    if (arguments[0] === 'pipe') watchPipe(arguments[1], this);
    return Reflect.apply(emit, this, arguments) as boolean;
  };
  // biome-ignore-end lint/complexity/noArguments: that is why
}

/** Of streamx, which is known by this. Among themselves such streams hand errors on. */
function isDeaf(stream: unknown): boolean {
  return typeof (stream as { _duplexState?: unknown } | undefined)?._duplexState === 'number';
}

const deafSources = new WeakMap<EventEmitter, number>();

function watchPipe(source: unknown, target: EventEmitter): void {
  const report = reports.getStore();
  if (report === undefined || !isDeaf(source) || isDeaf(target)) return;
  const known = deafSources.get(target) ?? 0;
  deafSources.set(target, known + 1);
  if (known > 0) return;
  target.on('error', (error: unknown) => {
    // Besides this one and those of the sources there is somebody who takes care of it.
    const isHeard = target.listenerCount('error') > 1 + (deafSources.get(target) ?? 0);
    if (!isHeard) report(error);
  });
}
