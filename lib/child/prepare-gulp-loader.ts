import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { WorkerSetup } from '../pool/task-pool.ts';

interface Liftoff {
  prepare(options: object, ready: (env: object) => void): void;
  execute(env: object, flags: undefined, ready: () => void): void;
}

/**
 * Sets up the loader that gulp-cli set up in the parent, with gulp-cli's own parts: `--preload`
 * modules, a `.gulp.*` file, and the loader for the extension of the build file.
 */
export async function prepareGulpLoader(setup: WorkerSetup, file: string): Promise<void> {
  const fromGulp = createRequire(realpathSync(setup.argv[0] ?? ''));
  const fromCli = createRequire(fromGulp.resolve('gulp-cli'));
  const LiftoffClass = fromCli('liftoff') as new (options: object) => Liftoff;
  const { jsVariants } = fromCli('interpret') as { readonly jsVariants: object };
  const config = { name: '.gulp', extensions: jsVariants };
  const liftoff = new LiftoffClass({
    name: 'gulp',
    extensions: jsVariants,
    configFiles: [
      { ...config, path: '.', findUp: true },
      { ...config, path: '~' },
    ],
  });
  const options = { cwd: setup.workDir, configPath: file, preload: preloads(setup.argv) };
  await new Promise<void>((resolve) => {
    liftoff.prepare(options, (env) => liftoff.execute(env, undefined, resolve));
  });
}

function preloads(argv: readonly string[]): string[] {
  return argv.flatMap((word, index) => {
    if (word.startsWith('--preload=')) return [word.slice('--preload='.length)];
    return argv[index - 1] === '--preload' ? [word] : [];
  });
}
