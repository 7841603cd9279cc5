import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repository } from '../rig/temp-project.ts';

test('the bundle knows of which sources it was made, which is part of what requests are recalled by', () => {
  const core = readFileSync(join(repository, 'dist/bundle/core/core.cjs'), 'utf8');
  // The bundler leaves out spaces, and breaks lines within texts.
  const text = core.replaceAll(/\\\n|\s/g, '');
  assert.ok(/sourceEdition=[^;]*"[0-9a-f]{16}"/.test(text));
  assert.ok(/\[sourceEdition,separator/.test(text));
});
