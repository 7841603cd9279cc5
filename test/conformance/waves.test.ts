import { rowInBothModes } from './row-in-both-modes.ts';
import { endOfRows } from './rows.ts';

rowInBothModes(
  'W1',
  'a wave waits for all of the lower ones, whatever has free deps',
  `const act = (ctx) => mark(ctx.name);
   task('A').action(act);
   task('B').deps('A').action(act);
   task('C').deps('B').wave(2).action(act);
   task('D').wave(1).action(act);
   await start('C', 'D');
   tell(await waitForAll());`,
  { told: [true], marks: ['A', 'B', 'D', 'C'] },
);

rowInBothModes(
  'W2',
  'a dep in a higher wave is an error before anything runs',
  `const act = (ctx) => mark(ctx.name);
   task('high_wave').wave(2).action(act);
   task('low_wave').deps('high_wave').action(act);
   const { code, problems } = await start('low_wave').catch((error) => error);
   tell([code, problems[0].text, problems[0].hint]);`,
  {
    told: [
      [
        'wave-inversion',
        "'low_wave' (wave 0) cannot depend on 'high_wave' (wave 2): deps must have an equal or lower wave, to avoid deadlock.",
        "Give 'low_wave' .wave(2) or more, or 'high_wave' .wave(0) or less.",
      ],
    ],
    marks: [],
  },
);

endOfRows(import.meta.url);
