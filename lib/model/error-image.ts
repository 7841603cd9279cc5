type Scalar = string | number | boolean | null;
type Plain = Scalar | readonly Plain[] | { readonly [key: string]: Plain };

/**
 * An error as plain values, so that it crosses processes and outlives them without losing its
 * class name, code, own properties, `cause` and `errors`.
 */
export interface ErrorImage {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  /** Properties that are plain data throughout, such as the names in the `tasks` of a RunFailed. */
  readonly own?: Readonly<Record<string, Plain>>;
  readonly cause?: ErrorImage;
  readonly errors?: readonly ErrorImage[];
}

const maxDepth = 8;
const maxErrors = 50;
const named = new Set(['name', 'message', 'stack', 'code', 'cause', 'errors']);

/** The image of anything that was thrown; a value that is no error becomes the message of one. */
export function imageOf(thrown: unknown, depth = 0): ErrorImage {
  if (!(thrown instanceof Error)) return imageOfValue(thrown);
  const own = ownPlain(thrown);
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

/** An Error with everything the image holds; `stack` is the one of the place where it was thrown. */
export function errorOf(image: ErrorImage): Error {
  const { cause, errors } = image;
  const options = cause === undefined ? undefined : { cause: errorOf(cause) };
  const error =
    errors === undefined
      ? new Error(image.message, options)
      : new AggregateError(errors.map(errorOf), image.message, options);
  Object.defineProperty(error, 'name', { value: image.name, configurable: true, writable: true });
  if (image.stack !== undefined) error.stack = image.stack;
  return Object.assign(error, image.own, image.code === undefined ? {} : { code: image.code });
}

function imageOfValue(thrown: unknown): ErrorImage {
  return { name: 'Error', message: `A task threw ${describe(thrown)}, which is no Error.` };
}

function describe(thrown: unknown): string {
  try {
    return typeof thrown === 'string' ? `the string '${thrown}'` : String(thrown);
  } catch {
    return `an ${typeof thrown}`;
  }
}

function ownPlain(error: Error): Record<string, Plain> {
  const own: Record<string, Plain> = {};
  // Also those that are hidden when an error is shown.
  for (const key of Object.getOwnPropertyNames(error)) {
    if (named.has(key) || key === '__proto__') continue;
    const value = plainOf(Reflect.get(error, key), maxDepth);
    if (value !== undefined) own[key] = value;
  }
  return own;
}

/** A copy of what is scalars, arrays and plain objects throughout; undefined for anything else. */
function plainOf(value: unknown, depth: number): Plain | undefined {
  if (isScalar(value)) return value;
  if (depth === 0 || typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    const items = value.map((item) => plainOf(item, depth - 1));
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  const copy: Record<string, Plain> = {};
  for (const [key, inner] of Object.entries(value)) {
    const plain = inner === undefined ? null : plainOf(inner, depth - 1);
    if (plain === undefined || key === '__proto__') return undefined;
    if (inner !== undefined) copy[key] = plain;
  }
  return copy;
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
