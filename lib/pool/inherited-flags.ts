/** What is meant for one program alone: inspection, watching, tests, code on the command line. */
const own = /^--(?:inspect|watch|test|eval|print|input-type|cpu-prof|heap-prof|check)/;
const ownCode = /^(?:-e|-p|-pe|--eval|--print)$/;
/** Those of them whose value stands in a word of its own, if it does not follow a `=`. */
const hasValue =
  /^--(?:inspect-port|watch-path|input-type|(?:cpu|heap)-prof-(?:dir|name|interval)|test-(?:concurrency|timeout|shard|isolation|reporter|reporter-destination|(?:name|skip)-pattern|coverage-\w+))$/;

/** Node's flags that a worker is given, of those that its parent was: loaders, memory and the like. */
export function inheritedFlags(execArgv: readonly string[]): string[] {
  const flags: string[] = [];
  for (let at = 0; at < execArgv.length; at++) {
    const flag = execArgv[at] ?? '';
    if (ownCode.test(flag) || hasValue.test(flag)) at += 1;
    else if (!own.test(flag)) flags.push(flag);
  }
  return flags;
}
