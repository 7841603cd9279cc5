import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inheritedFlags } from '../../lib/pool/function-ref.ts';

test('workers get the flags of the program, but not those that are meant for it alone', () => {
  const own = ['--inspect', '--inspect-port', '0', '--cpu-prof', '--cpu-prof-interval', '200'];
  const code = ['-e', '--x; 1', '--print', 'a', '--input-type=module', '--test', '--watch'];
  const given = ['--import', 'tsx', '-r', './a.cjs', '--max-old-space-size=99', '--conditions=x'];
  assert.deepEqual(
    inheritedFlags([...own, ...given.slice(0, 2), ...code, ...given.slice(2)]),
    given,
  );
});
