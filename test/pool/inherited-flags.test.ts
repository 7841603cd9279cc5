import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inheritedFlags } from '../../lib/pool/inherited-flags.ts';

test('workers get the flags of their parent, without those for one program, values included', () => {
  const kept = ['--import', 'tsx', '-r', './setup.cjs', '--max-old-space-size=300', '-C', 'dev'];
  const dropped = [
    ['-e', 'code()'],
    ['--input-type', 'module'],
    ['--input-type=module'],
    ['--cpu-prof', '--cpu-prof-dir', 'profiles'],
    ['--inspect', '--inspect-port', '0'],
    ['--inspect-brk=127.0.0.1:0'],
    ['--test', '--test-reporter', 'spec', '--test-name-pattern', 'x', '--test-only'],
    ['--watch', '--watch-path', 'lib', '--watch-preserve-output'],
  ];
  for (const flags of dropped) {
    assert.deepEqual(inheritedFlags([...flags, ...kept]), kept);
    assert.deepEqual(inheritedFlags([...kept, ...flags]), kept);
  }
});
