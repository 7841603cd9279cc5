// Keeps tasks up to date while their files change. On gulp's command line: gulp page --live
import { readFileSync, writeFileSync } from 'node:fs';
import { configure, task, watch } from 'parproc';

configure({ watchDebounce: '50ms' });

const end = new AbortController();
writeFileSync('page.txt', 'Hello');

task('page')
  .inputs('page.txt')
  .outputs('page.html')
  .inProcess()
  .action(() => {
    const text = readFileSync('page.txt', 'utf8');
    writeFileSync('page.html', `<p>${text}</p>`);
    // Stands for a person who saves a file, and then presses Ctrl-C.
    if (text === 'Hello') setTimeout(() => writeFileSync('page.txt', 'Hello again'), 500);
    else end.abort();
  });

await watch('page', { signal: end.signal });
console.log(readFileSync('page.html', 'utf8'));

// $ node examples/parproc/watch.mjs
// [10:10:00] ▶ page  first run
// [10:10:00] ✔ page  2 ms
// [10:10:00] 1 ran, 0 up to date, 0 failed in 12 ms
// [10:10:00] ◦ Watching the inputs of 1 task in .
// [10:10:00] ◦ Waiting for changes
// [10:10:01] ◦ Changed: page.txt
// [10:10:01] ▶ page  page.txt changed
// [10:10:01] ✔ page  1 ms
// [10:10:01] 1 ran, 0 up to date, 0 failed in 5 ms
// <p>Hello again</p>
