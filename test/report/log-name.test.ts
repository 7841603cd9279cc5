import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logName } from '../../lib/report/log-name.ts';

test('an ordinary name is a file name with dots', () => {
  assert.equal(logName('styles::full::dev'), 'styles.full.dev.log');
});

test('whatever a name holds, its log is a file of that folder, of bounded length', () => {
  const names = ['../../etc/passwd', '/etc', '.', '..', '', 'a/b', 'a\\b', 'a\n\u001b[2J', 'CON'];
  for (const name of [...names, 'nul::x', 'x'.repeat(5000), '\u202e', '::error::x', '-rf']) {
    assert.match(logName(name), /^[\w@+][\w@+.-]{0,110}~[\da-f]{10}\.log$/, name);
  }
});

test('two names never share a log', () => {
  const names = ['a::b', 'a.b', 'a:b', 'a/b', 'a_b', 'a b', 'a::b.log', 'a::b~'];
  assert.equal(new Set(names.map(logName)).size, names.length);
});
