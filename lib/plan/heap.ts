/** What a heap can hold: it notes its own place, so that it can be taken out from anywhere. */
export interface HeapItem {
  /** Where it stands in the one heap that it is in; -1 outside. Changed by this module only. */
  heapAt: number;
}

/** A binary heap: the first of all is at 0. Every change takes steps in the logarithm of its size. */
export interface Heap<T extends HeapItem> {
  readonly items: T[];
  readonly isBefore: (a: T, b: T) => boolean;
}

/** A heap in which `isBefore` tells who comes first. */
export function emptyHeap<T extends HeapItem>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  return { items: [], isBefore };
}

/** The first of all, left where it is. */
export function firstIn<T extends HeapItem>(heap: Heap<T>): T | undefined {
  return heap.items[0];
}

/** Takes `item` in; it is in no heap yet. */
export function pushTo<T extends HeapItem>(heap: Heap<T>, item: T): void {
  heap.items.push(item);
  rise(heap, item, heap.items.length - 1);
}

/** Takes `item` out, which is in this heap. */
export function removeFrom<T extends HeapItem>(heap: Heap<T>, item: T): void {
  const at = item.heapAt;
  const last = heap.items.pop();
  item.heapAt = -1;
  if (last === undefined || last === item) return;
  place(heap, last, at);
  reposition(heap, last);
}

/** Puts `item` where it belongs after what it is compared by has changed. */
export function reposition<T extends HeapItem>(heap: Heap<T>, item: T): void {
  rise(heap, item, item.heapAt);
  sink(heap, item, item.heapAt);
}

function rise<T extends HeapItem>(heap: Heap<T>, item: T, from: number): void {
  let at = from;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const other = heap.items[above];
    if (other === undefined || !heap.isBefore(item, other)) break;
    place(heap, other, at);
    at = above;
  }
  place(heap, item, at);
}

function sink<T extends HeapItem>(heap: Heap<T>, item: T, from: number): void {
  let at = from;
  for (;;) {
    const left = heap.items[2 * at + 1];
    const right = heap.items[2 * at + 2];
    if (left === undefined) break;
    const below = right !== undefined && heap.isBefore(right, left) ? right : left;
    if (!heap.isBefore(below, item)) break;
    const next = below.heapAt;
    place(heap, below, at);
    at = next;
  }
  place(heap, item, at);
}

function place<T extends HeapItem>(heap: Heap<T>, item: T, at: number): void {
  heap.items[at] = item;
  item.heapAt = at;
}
