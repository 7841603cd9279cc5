import { once } from 'node:events';
import { createServer } from 'node:net';
import { TempProject } from './temp-project.ts';

/** A port at which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  server.close();
  await once(server, 'close');
  return address.port;
}

/**
 * A real server: answers with `reply.txt` as it was when it was started and its own process id, to
 * `/exit/N` by ending with that code and to `/kill` by ending itself with SIGKILL. A child of its own
 * outlives it unless the group is ended.
 */
const server = `
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const port = Number(process.argv[2]);
const text = readFileSync('reply.txt', 'utf8');
if (text.startsWith('throw')) throw new Error(text);
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
const listen = () => createServer((request, response) => {
  console.log('GET ' + request.url);
  const [, what, code] = request.url.split('/');
  response.on('close', () => {
    if (what === 'exit') process.exit(Number(code));
    if (what === 'kill') process.kill(process.pid, 'SIGKILL');
  });
  response.end(text + ' ' + process.pid);
}).listen(port, '127.0.0.1', () => console.error('listening at ' + port));
if (!text.startsWith('deaf')) listen();
`;

/**
 * A project with a server at `port` (`server.mjs PORT`); in the gulpfile `serve(ctx)` runs it, and
 * `ask(path)` gives what it answers.
 */
export function serverProject(port: number, gulpfile: string, options = ''): TempProject {
  return new TempProject({
    'reply.txt': 'hello',
    'server.mjs': server,
    'gulpfile.mjs': `
import gulp from 'gulp';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { parproc, task, watcher } from 'parproc';
gulp.registry(parproc({ parallel: 1, watchDebounce: 50, ${options} }));
const port = ${port};
const serve = (ctx) => ctx.exec(process.execPath, ['server.mjs', String(port)]);
const ask = async (path = '') => (await fetch('http://127.0.0.1:' + port + '/' + path)).text();
const note = async (name) => appendFileSync('asked.txt', name + ' ' + (await ask()) + '\\n');
${gulpfile}`,
  });
}

/** What the server has answered to tasks that noted it, without process ids. */
export function asked(project: TempProject): string[] {
  return lines(project).map((line) => line.replace(/ \d+$/, ''));
}

/** The process ids of servers that have answered, each once. */
export function serversOf(project: TempProject): string[] {
  return [...new Set(lines(project).map((line) => line.replace(/^.* /, '')))];
}

function lines(project: TempProject): string[] {
  return project.read('asked.txt').trimEnd().split('\n');
}
