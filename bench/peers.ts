import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the tools are installed that parproc is measured against: nothing of ours depends on them. */
export const peersFolder: string = join(import.meta.dirname, '.peers');

const peers = {
  wireit: '0.14.13',
  'gulp-newer': '1.4.0',
  tinypool: '2',
  'jest-worker': '30',
  piscina: '5',
};

/** Installs the peers, unless they are there. */
export function installPeers(): void {
  const names = Object.keys(peers);
  if (names.every((name) => existsSync(join(peersFolder, 'node_modules', name)))) return;
  mkdirSync(peersFolder, { recursive: true });
  const wanted = { private: true, dependencies: peers };
  writeFileSync(join(peersFolder, 'package.json'), JSON.stringify(wanted));
  const npm = ['install', '--no-audit', '--no-fund', '--ignore-scripts'];
  const { status } = spawnSync('npm', npm, { cwd: peersFolder, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`npm ended with exit code ${status}.`);
}
