import { type CommandLine, ownFlags, readCommandLine } from '../build/command-line.ts';
import { type Front, scriptFront } from '../build/front.ts';
import { settings } from '../dsl/program.ts';
import type { Params } from '../model/definition.ts';
import { host } from '../run/host.ts';
import type { Grunt } from './grunt-types.ts';

/** grunt's own options, by the package grunt-known-options. */
const gruntOptions = new Set(
  `help base color gruntfile debug stack force tasks npm write verbose version completion require
   preload`.split(/\s+/),
);

/** The build is used through a Gruntfile: grunt has read the command line. */
export function gruntFront(grunt: Grunt): Front {
  return { ...scriptFront, commandLine: () => commandLineOf(grunt) };
}

/** What `grunt.option` holds besides grunt's own options and the flags of parproc. */
export function paramsOf(grunt: Grunt): Params {
  const own = ownNames();
  const names = grunt.option.keys().filter((name) => !gruntOptions.has(name) && !own.has(name));
  const entries = names.map((name) => [name, grunt.option(name) as unknown] as const);
  // A Gruntfile may keep functions there, which cannot leave the process.
  return Object.fromEntries(entries.filter(([, value]) => typeof value !== 'function'));
}

/** @throws UsageError for a command line that makes no sense */
function commandLineOf(grunt: Grunt): CommandLine {
  const words = grunt.option.keys().flatMap((name) => {
    const value: unknown = grunt.option(name);
    if (!ownNames().has(name) || value === undefined) return [];
    return [`--${name}=${String(value)}`];
  });
  return readCommandLine(words, host.env, settings().flags);
}

function ownNames(): ReadonlySet<string> {
  return settings().flags ? known : none;
}

const known: ReadonlySet<string> = new Set(ownFlags.map((flag) => flag.slice('--'.length)));
const none: ReadonlySet<string> = new Set();
