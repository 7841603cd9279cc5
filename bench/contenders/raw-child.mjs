import { Socket } from 'node:net';

const output = new Socket({ fd: 4, readable: false, writable: true });
let held = '';
new Socket({ fd: 3, readable: true, writable: false }).setEncoding('utf8').on('data', (chunk) => {
  const text = held + chunk;
  const end = text.lastIndexOf('\n') + 1;
  held = text.slice(end);
  if (end === 0) return;
  const jobs = JSON.parse(`[${text.slice(0, end)}0]`);
  jobs.pop();
  let answers = '';
  for (const [id, value] of jobs) answers += `${JSON.stringify([id, value])},\n`;
  output.write(answers);
});
