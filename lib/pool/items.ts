import { inspect } from 'node:util';

/** What is mapped over. */
export type Items<T> = Iterable<T> | AsyncIterable<T>;

/** Whether items come only one by one, each to be waited for. */
export function isAsyncOnly<T>(items: Items<T>): items is AsyncIterable<T> {
  return !has(items, Symbol.iterator) && has(items, Symbol.asyncIterator);
}

/** Where the items come from. @throws TypeError If `items` are none. */
export function sourceOf<T>(items: Items<T>, where: string): Iterator<T> | AsyncIterator<T> {
  if (has(items, Symbol.asyncIterator)) {
    return (items as AsyncIterable<T>)[Symbol.asyncIterator]();
  }
  checkItems(items, where);
  return items[Symbol.iterator]();
}

/** The items as an array, which may be the given one. @throws TypeError If `items` are none. */
export function listOf<T>(items: Iterable<T>, where: string): readonly T[] {
  checkItems(items, where);
  return Array.isArray(items) ? items : [...items];
}

/** The same for those that have to be waited for. */
export async function collected<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function checkItems<T>(items: Items<T>, where: string): asserts items is Iterable<T> {
  if (has(items, Symbol.iterator)) return;
  const text = inspect(items, { depth: 0, breakLength: 60 });
  throw new TypeError(`${where} cannot go over ${text}: it is nothing that has items.`);
}

function has(items: unknown, symbol: symbol): boolean {
  return items !== undefined && items !== null && symbol in (Object(items) as object);
}
