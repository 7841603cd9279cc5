// Without choices nothing says what a glob could stand for.
import { create, task } from 'parproc';

task('build::[env]').action(() => {});

create('build::*');

// $ node examples/parproc/glob-without-choices.mjs
// glob-without-choices
//   'build::*' has a glob for [env], but 'build::[env]' lists no choices for it.
//   List them: .args({ env: ['...'] }) at examples/parproc/glob-without-choices.mjs:4:1.
// (exit code 2)
