import { type EventEmitter, errorMonitor } from 'node:events';

type Piped = EventEmitter & { pipe?: (this: unknown, target: Piped, ...rest: never[]) => unknown };

/** What a stream is piped into on its way. */
export interface FollowedPipeline {
  /** All streams that it has been piped into so far, however indirectly, and itself. */
  streams(): ReadonlySet<object>;
}

/**
 * Calls `succeeded` once, when everything that `stream` is piped into, however indirectly, has taken
 * and given all, and no stream on the way has had an error. Pipes have to be laid before `stream`
 * ends, which gulpfiles do.
 */
export function followPipeline(
  stream: NodeJS.ReadWriteStream,
  succeeded: () => void,
): FollowedPipeline {
  const streams = new Set<Piped>();
  const ends = new Set<Piped>();
  let hasFailed = false;

  function follow(each: Piped): void {
    if (streams.has(each)) return;
    streams.add(each);
    ends.add(each);
    // It does not count as handling the error.
    each.on(errorMonitor, () => {
      hasFailed = true;
    });
    // A duplex stream may have taken the last file and not written it yet.
    const awaited = new Set(isReadable(each) ? ['finish', 'end'] : ['finish']);
    for (const event of [...awaited]) {
      each.once(event, () => {
        awaited.delete(event);
        if (awaited.size === 0) finished(each);
      });
    }
    const { pipe } = each;
    if (pipe === undefined) return;
    for (const target of targetsOf(each)) {
      ends.delete(each);
      follow(target);
    }
    each.pipe = function (target, ...rest) {
      // What is piped further is not where it ends.
      ends.delete(each);
      follow(target);
      return pipe.call(this, target, ...rest);
    };
  }

  function finished(each: Piped): void {
    if (!ends.delete(each) || ends.size > 0 || hasFailed) return;
    succeeded();
  }

  follow(stream as unknown as Piped);
  return { streams: () => streams };
}

/** What a stream is piped into already: of Node, old or new, or of streamx. */
function targetsOf(stream: Piped): Piped[] {
  const { _readableState: state } = stream as {
    readonly _readableState?: { readonly pipes?: unknown; readonly pipeTo?: unknown };
  };
  const found = [state?.pipes, state?.pipeTo].flat();
  return found.filter((each) => typeof each === 'object' && each !== null) as Piped[];
}

function isReadable(stream: object): boolean {
  return typeof (stream as { read?: unknown }).read === 'function';
}
