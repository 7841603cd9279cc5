import process from 'node:process';

/**
 * What has glibc keep up to 64 MB of freed memory. It gives all but 2 MB back otherwise, and takes
 * it again page by page, which is a fifth of the time that a value of a megabyte takes to come and go.
 * Others do not know these variables.
 */
const variables = {
  MALLOC_TRIM_THRESHOLD_: '67108864',
  MALLOC_MMAP_THRESHOLD_: '8388608',
} as const;
const names = Object.keys(variables) as (keyof typeof variables)[];

/** `env` for a worker that keeps freed memory, unless its user says what is to be done with it. */
export function keepingMemory(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.keys(env).some((name) => name.startsWith('MALLOC_'))
    ? env
    : { ...env, ...variables };
}

/** To be called by a worker: what it starts itself is another matter, and jobs may read their environment. */
export function hideKeptMemory(): void {
  if (names.some((name) => process.env[name] !== variables[name])) return;
  for (const name of names) delete process.env[name];
}
