import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { repository } from './temp-project.ts';

const file = join(repository, 'schema/events.schema.json');
const schema = JSON.parse(readFileSync(file, 'utf8')) as object;
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(
  closed(schema) as object,
);

/**
 * What is wrong with one event of `--json`, by the schema of the package; here a field that it does
 * not know is wrong too.
 */
export function eventProblems(event: unknown): string[] {
  if (validate(event)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** The schema with `additionalProperties: false` wherever it names properties. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, closed(each)]));
  if (copy['type'] !== 'object' || copy['properties'] === undefined) return copy;
  return { ...copy, additionalProperties: false };
}
