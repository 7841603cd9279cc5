import { rowInBothModes } from './row-in-both-modes.ts';
import { endOfRows } from './rows.ts';

const missing = `
  task('b').deps('nonexistent').now().action((ctx) => mark(ctx.name));
  task('c').now().action((ctx) => mark(ctx.name));
`;
const refusal =
  "'b' depends on 'nonexistent', which does not exist: it matches no task. " +
  "`gulp --tasks` lists what there is. With the option allowMissingDeps: true only 'b' would fail.";

for (const [id, title, options] of [
  ['O1', '(changed): unless the option says so, a missing dep is an error', ''],
  [
    'O2',
    'a missing dep is an error that names the option, and nothing runs',
    'allowMissingDeps: false',
  ],
] as const) {
  rowInBothModes(
    id,
    title,
    `${missing}
     const { name, code, problems } = await waitForAll().catch((error) => error);
     tell([name, code, problems[0].text + ' ' + problems[0].hint]);`,
    { told: [['DefinitionError', 'unknown-task', refusal]], marks: [] },
    options,
  );
}

rowInBothModes(
  'O3',
  'where deps may be missing, who needs one fails and the rest goes on',
  `${missing}
   tell(await errorOf(waitForAll()));
   tell(Object.fromEntries(states()));`,
  {
    told: [
      {
        name: 'RunFailed',
        code: undefined,
        message: 'Task failed: nonexistent',
        tasks: ['nonexistent'],
      },
      { b: 'dependency-failed', c: 'succeeded', nonexistent: 'failed' },
    ],
    marks: ['c'],
  },
  'allowMissingDeps: true',
);

endOfRows(import.meta.url);
