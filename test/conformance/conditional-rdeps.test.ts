import assert from 'node:assert/strict';
import {
  create,
  run,
  start,
  states,
  task,
  wait,
  waitForAll,
  whenScheduled,
  whenTargetScheduled,
} from '../../lib/index.ts';
import { endOfRows, row } from './rows.ts';
import { inTurn, openStage } from './stage.ts';

type Play = ReturnType<typeof openStage>['play'];

/** `B` goes before `A`, and the one that the test is about pulls the other in. */
function definePair(condition: typeof whenScheduled): string[] {
  const { log, play } = openStage();
  task('A').action(play);
  task('B').rdeps(condition('A')).action(play);
  return log;
}

/** A run that stays open because of `keeper`, and in which `A` has succeeded. */
async function runWithEndedTarget(): Promise<ReturnType<typeof openStage>> {
  const stage = openStage();
  task('keeper').action(stage.pause);
  task('A').action(stage.play);
  await start('keeper', 'A');
  await stage.paused;
  await wait('A');
  return stage;
}

// whenScheduled: the declarer pulls its targets in.

row('C1', 'a declarer that is wanted pulls its target in and goes before it', async () => {
  const log = definePair(whenScheduled);
  const { tasks } = await run('B');
  assert.deepEqual(log, inTurn('B', 'A'));
  assert.deepEqual(new Set(tasks.keys()), new Set(['A', 'B']));
});

row('C2', 'the target alone does not pull the declarer in', async () => {
  const log = definePair(whenScheduled);
  await run('A');
  assert.deepEqual(log, inTurn('A'));
  assert.equal(states().get('B'), 'idle');
});

row('C3', 'the declarer goes first when both are asked for, the declarer named first', async () => {
  const log = definePair(whenScheduled);
  await run('B', 'A');
  assert.deepEqual(log, inTurn('B', 'A'));
});

row('C4', 'the declarer goes first when both are asked for, the target named first', async () => {
  const log = definePair(whenScheduled);
  await run('A', 'B');
  assert.deepEqual(log, inTurn('B', 'A'));
});

row(
  'C5',
  'a declarer that is asked for after its target has ended in the same run comes too late',
  async () => {
    const { log, play, resume } = await runWithEndedTarget();
    task('B').rdeps(whenScheduled('A')).action(play);
    await assert.rejects(start('B'), {
      code: 'late-reverse-dep',
      message: /'B' comes too late to go before 'A' \(WhenScheduled\)/,
    });
    resume();
    await waitForAll();
    assert.deepEqual(log, ['keeper started', ...inTurn('A'), 'keeper ended']);
  },
);

row('C5', 'a target that is running is begun on too', async () => {
  const { log, play, pause, paused, resume } = openStage();
  task('A').action(pause);
  task('B').rdeps(whenScheduled('A')).action(play);
  await start('A');
  await paused;
  await assert.rejects(start('B'), { code: 'late-reverse-dep' });
  resume();
  await waitForAll();
  assert.deepEqual(log, inTurn('A'));
});

row(
  'C5',
  '(changed: lateness is judged within a run) a later run takes the target again, after the declarer',
  async () => {
    const log = definePair(whenScheduled);
    await run('A');
    await run('B');
    assert.deepEqual(log, inTurn('A', 'B', 'A'));
  },
);

row('C6', 'a target that has not been created is created by the declarer', async () => {
  const { log, play } = openStage();
  task('B').rdeps(whenScheduled('A::x')).action(play);
  const before = task('A::[v]').action(play);
  await start('B');
  assert.deepEqual(create(before.of({ v: 'x' })), ['A::x']);
  await waitForAll();
  assert.deepEqual(log, inTurn('B', 'A::x'));
});

row('C7', 'the target is named by the arguments of the declarer', async () => {
  const { log, play } = openStage();
  task('deploy::[env]').action(play);
  task('build::[env]').rdeps(whenScheduled('deploy::[env]')).action(play);
  await run('build::prod');
  assert.deepEqual(log, inTurn('build::prod', 'deploy::prod'));
});

row('C8', 'the target may have literal segments after the arguments', async () => {
  const { log, play } = openStage();
  task('k8s.deploy::[target]::[component]').action(play);
  task('next.build::[target]').rdeps(whenScheduled('k8s.deploy::[target]::frontend')).action(play);
  await run('next.build::stage');
  assert.deepEqual(log, inTurn('next.build::stage', 'k8s.deploy::stage::frontend'));
});

row('C9', 'a declarer with two targets goes before both', async () => {
  const { log, play } = openStage();
  task('first').action(play);
  task('second').action(play);
  task('setup').rdeps(whenScheduled('first'), whenScheduled('second')).action(play);
  await run('setup');
  assert.deepEqual(log.slice(0, 2), inTurn('setup'));
  assert.deepEqual(log.slice(2).sort(), inTurn('first', 'second').sort());
});

function defineSetup(): { readonly log: string[]; readonly play: Play } {
  const { log, play } = openStage();
  task('ut').action(play);
  task('ct').action(play);
  task('setup').rdeps('ut', whenScheduled('ct')).action(play);
  return { log, play };
}

row(
  'C10',
  'a declarer that is pulled in by a plain reverse dep pulls its other targets in',
  async () => {
    const { log } = defineSetup();
    await run('ut');
    await waitForAll();
    assert.deepEqual(log.slice(0, 2), inTurn('setup'));
    assert.deepEqual(log.slice(2).sort(), inTurn('ct', 'ut').sort());
  },
);

row('C11', 'a declarer that nobody wants neither runs nor pulls anything in', async () => {
  const { log, play } = openStage();
  task('A').action(play);
  task('B').rdeps(whenScheduled('A')).action(play);
  task('other').action(play);
  await run('other');
  assert.deepEqual(log, inTurn('other'));
  assert.deepEqual(Object.fromEntries(states()), { A: 'idle', B: 'idle', other: 'succeeded' });
});

row(
  'C12',
  'declarer and plain target asked for together are the same as the target alone',
  async () => {
    for (const names of [
      ['setup', 'ut'],
      ['ut', 'setup'],
    ]) {
      const { log } = defineSetup();
      await run(...names);
      await waitForAll();
      assert.deepEqual(log.slice(0, 2), inTurn('setup'));
      assert.deepEqual(log.slice(2).sort(), inTurn('ct', 'ut').sort());
    }
  },
);

row('C13', 'a declarer that was created by hand pulls its target in as well', async () => {
  const { log, play } = openStage();
  task('A').action(play);
  task('B::[x]').rdeps(whenScheduled('A')).action(play);
  create('B::1', { as: 'by-hand' });
  await run('by-hand');
  assert.deepEqual(log, inTurn('by-hand', 'A'));
});

row('C14', 'plain reverse deps beside conditional ones work as ever', async () => {
  const { log, play } = openStage();
  task('A').action(play);
  task('plain').rdeps('A').action(play);
  task('B').rdeps(whenScheduled('A')).action(play);
  await run('A');
  assert.deepEqual(log.splice(0), inTurn('plain', 'A'));
  await run('B');
  assert.deepEqual(log.slice(-2), inTurn('A'));
  assert.deepEqual(log.slice(0, -2).sort(), inTurn('B', 'plain').sort());
});

row(
  'C7',
  '(changed: the declarer has to know the argument) a pattern that the declarer cannot fill is refused when it is defined',
  () => {
    openStage();
    assert.throws(() => task('migrate').rdeps(whenScheduled('deploy::[env]')), {
      code: 'invalid-pattern',
      message:
        /no argument \[env\] to fill in.*\n.*'migrate::\[env\]'.*whenScheduled\('deploy::prod'\)/,
    });
  },
);

// whenTargetScheduled: the target pulls the declarer in.

row('T1', 'a target that is wanted pulls the declarer in, which goes before it', async () => {
  const log = definePair(whenTargetScheduled);
  await run('A');
  assert.deepEqual(log, inTurn('B', 'A'));
});

row('T2', 'the declarer alone does not pull the target in', async () => {
  const log = definePair(whenTargetScheduled);
  await run('B');
  assert.deepEqual(log, inTurn('B'));
  assert.equal(states().get('A'), 'idle');
});

row('T3', 'the declarer goes first when both are asked for, the declarer named first', async () => {
  const log = definePair(whenTargetScheduled);
  await run('B', 'A');
  assert.deepEqual(log, inTurn('B', 'A'));
});

row('T4', 'the declarer goes first when both are asked for, the target named first', async () => {
  const log = definePair(whenTargetScheduled);
  await run('A', 'B');
  assert.deepEqual(log, inTurn('B', 'A'));
});

row(
  'T5',
  'a declarer that is asked for after its target has ended in the same run comes too late',
  async () => {
    const { log, play, resume } = await runWithEndedTarget();
    task('B').rdeps(whenTargetScheduled('A')).action(play);
    await assert.rejects(start('B'), {
      code: 'late-reverse-dep',
      message: /'B' comes too late to go before 'A' \(WhenTargetScheduled\)/,
    });
    resume();
    await waitForAll();
    assert.deepEqual(log, ['keeper started', ...inTurn('A'), 'keeper ended']);
  },
);

row(
  'T5',
  '(changed: lateness is judged within a run) in a later run the declarer runs alone',
  async () => {
    const { log, play } = openStage();
    task('A').action(play);
    await run('A');
    task('B').rdeps(whenTargetScheduled('A')).action(play);
    await run('B');
    assert.deepEqual(log, inTurn('A', 'B'));
  },
);

function defineBuildAndDeploy(): string[] {
  const { log, play } = openStage();
  task('deploy::[env]').action(play);
  task('build::[env]').rdeps(whenTargetScheduled('deploy::[env]')).action(play);
  return log;
}

row('T6', 'the declarer is created with the arguments of the target', async () => {
  const log = defineBuildAndDeploy();
  await run('deploy::prod');
  assert.deepEqual(log, inTurn('build::prod', 'deploy::prod'));
});

row('T7', 'an instance of the declarer does not pull the target of its arguments in', async () => {
  const log = defineBuildAndDeploy();
  await run('build::prod');
  assert.deepEqual(log, inTurn('build::prod'));
});

row(
  'T7',
  '(changed: placeholders are bound) an instance with other arguments is not pulled in',
  async () => {
    const log = defineBuildAndDeploy();
    create('build::dev');
    await run('deploy::prod');
    assert.deepEqual(log, inTurn('build::prod', 'deploy::prod'));
  },
);

row('T8', 'the pattern may have other arguments and literals than the declarer', async () => {
  const { log, play } = openStage();
  task('k8s.deploy::[target]::[component]').action(play);
  task('next.build::[target]')
    .rdeps(whenTargetScheduled('k8s.deploy::[target]::frontend'))
    .action(play);
  await run('k8s.deploy::stage::backend');
  assert.deepEqual(log.splice(0), inTurn('k8s.deploy::stage::backend'));
  await run('k8s.deploy::stage::frontend');
  assert.deepEqual(log, inTurn('next.build::stage', 'k8s.deploy::stage::frontend'));
});

function defineTwoTargets(): string[] {
  const { log, play } = openStage();
  task('first').action(play);
  task('second').action(play);
  task('setup').rdeps(whenTargetScheduled('first'), whenTargetScheduled('second')).action(play);
  return log;
}

row('T9', 'a declarer with two wanted targets goes before both, and runs once', async () => {
  const log = defineTwoTargets();
  await run('first', 'second');
  assert.deepEqual(log.slice(0, 2), inTurn('setup'));
  assert.deepEqual(log.slice(2).sort(), inTurn('first', 'second').sort());
});

row('T10', 'of two targets only the wanted one runs', async () => {
  const log = defineTwoTargets();
  await run('second');
  assert.deepEqual(log, inTurn('setup', 'second'));
});

row('T11', 'an instance that was created by hand is pulled in by the target as well', async () => {
  const { log, play } = openStage();
  task('A').action(play);
  task('B::[x]').rdeps(whenTargetScheduled('A')).action(play);
  create('B::1', { as: 'by-hand' });
  await run('A');
  assert.deepEqual(log, inTurn('by-hand', 'A'));
});

row('T12', 'of two declarers one pulls the target in, and the target the other', async () => {
  const { log, play } = openStage();
  task('deploy').action(play);
  task('build').rdeps(whenScheduled('deploy')).action(play);
  task('lint').rdeps(whenTargetScheduled('deploy')).action(play);
  await run('build');
  await waitForAll();
  assert.deepEqual(log.slice(-2), inTurn('deploy'));
  assert.deepEqual(log.slice(0, -2).sort(), inTurn('build', 'lint').sort());
});

row('T13', 'plain reverse deps beside conditional ones work as ever', async () => {
  const { log, play } = openStage();
  task('A').action(play);
  task('plain').rdeps('A').action(play);
  task('B').rdeps(whenTargetScheduled('A')).action(play);
  await run('A');
  assert.deepEqual(log.slice(-2), inTurn('A'));
  assert.deepEqual(log.slice(0, -2).sort(), inTurn('B', 'plain').sort());
});

endOfRows(import.meta.url);
