import { serialize } from 'node:v8';

/**
 * An error as plain values, so that it crosses processes and outlives them without losing its
 * class name, code, own properties, `cause` and `errors`.
 */
export interface ErrorImage {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  /** Own properties, hidden ones among them, that can be sent; functions and the like are left out. */
  readonly own?: Readonly<Record<string, unknown>>;
  readonly cause?: ErrorImage;
  readonly errors?: readonly ErrorImage[];
  /** What was thrown, if it was no Error and can be sent. */
  readonly thrown?: { readonly value: unknown };
}

const maxDepth = 8;
const maxErrors = 50;
const named = new Set(['name', 'message', 'stack', 'code', 'cause', 'errors']);

/** The image of anything that was thrown; a value that is no error becomes the message of one. */
export function imageOf(thrown: unknown, depth = 0): ErrorImage {
  if (!(thrown instanceof Error)) return imageOfValue(thrown);
  const own = ownOf(thrown);
  const code = 'code' in thrown ? thrown.code : undefined;
  const inner = depth < maxDepth;
  return {
    name: String(thrown.name),
    message: String(thrown.message),
    ...(typeof thrown.stack === 'string' && { stack: thrown.stack }),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(Object.keys(own).length > 0 && { own }),
    ...(inner && thrown.cause !== undefined && { cause: imageOf(thrown.cause, depth + 1) }),
    ...(inner &&
      'errors' in thrown &&
      Array.isArray(thrown.errors) && {
        errors: thrown.errors.slice(0, maxErrors).map((error) => imageOf(error, depth + 1)),
      }),
  };
}

/**
 * An Error with everything the image holds, of the built-in class of that name if there is one;
 * `stack` is the one of the place where it was thrown.
 */
export function errorOf(image: ErrorImage): Error {
  const { cause, errors } = image;
  const options = cause === undefined ? undefined : { cause: thrownOf(cause) };
  const error =
    errors === undefined
      ? new (classes.get(image.name) ?? Error)(image.message, options)
      : new AggregateError(errors.map(thrownOf), image.message, options);
  if (error.name !== image.name) {
    Object.defineProperty(error, 'name', { value: image.name, configurable: true, writable: true });
  }
  if (image.stack !== undefined) error.stack = image.stack;
  return Object.assign(error, image.own, image.code === undefined ? {} : { code: image.code });
}

/** What was thrown: an Error, or the very value if that could be sent. */
export function thrownOf(image: ErrorImage): unknown {
  return image.thrown === undefined ? errorOf(image) : image.thrown.value;
}

const classes = new Map(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((each) => [
    each.name,
    each,
  ]),
);

function imageOfValue(value: unknown): ErrorImage {
  const message = `A task threw ${describe(value)}, which is no Error.`;
  return { name: 'Error', message, ...(canSend(value) && { thrown: { value } }) };
}

function describe(thrown: unknown): string {
  try {
    return typeof thrown === 'string' ? `the string '${thrown}'` : String(thrown);
  } catch {
    return `an ${typeof thrown}`;
  }
}

function ownOf(error: Error): Record<string, unknown> {
  const own: Record<string, unknown> = {};
  // Also those that are hidden when an error is shown.
  for (const key of Object.getOwnPropertyNames(error)) {
    if (named.has(key) || key === '__proto__') continue;
    const value = readOf(error, key);
    if (canSend(value)) own[key] = value;
  }
  return own;
}

/** A getter may throw, and the error is to be told all the same. */
function readOf(error: Error, key: string): unknown {
  try {
    return Reflect.get(error, key) as unknown;
  } catch {
    return undefined;
  }
}

function canSend(value: unknown): boolean {
  if (value === undefined) return false;
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return true;
  try {
    serialize(value);
    return true;
  } catch {
    return false;
  }
}
