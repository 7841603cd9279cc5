import {
  emptyHeap,
  firstIn,
  type Heap,
  type HeapItem,
  pushTo,
  removeFrom,
  reposition,
} from './heap.ts';
import type { PlanNode } from './plan-node.ts';

/** Nodes that lack nothing but a slot. */
export interface ReadyQueue {
  readonly families: Map<string, Family>;
  /** Families of which something is ready. */
  readonly order: Heap<Family>;
  size: number;
}

interface Family extends HeapItem {
  readonly name: string;
  readonly ready: Heap<PlanNode>;
  inHand: number;
}

/** A queue in which nothing is ready. */
export function emptyReadyQueue(): ReadyQueue {
  return { families: new Map(), order: emptyHeap(isFamilyBefore), size: 0 };
}

/**
 * The one to start first: the longest remaining path; of these one of whose family the fewest are
 * in hand, so that a family stays with the workers that are warm for it and different ones run side
 * by side; of these the one that came first.
 */
export function firstReady(queue: ReadyQueue): PlanNode | undefined {
  const family = firstIn(queue.order);
  return family && firstIn(family.ready);
}

/** Takes a node in that has become ready. */
export function addReady(queue: ReadyQueue, node: PlanNode): void {
  const family = familyOf(queue, node.family);
  pushTo(family.ready, node);
  queue.size++;
  settleFamily(queue, family);
}

/** Takes a node out that is not ready any more. */
export function removeReady(queue: ReadyQueue, node: PlanNode): void {
  const family = familyOf(queue, node.family);
  removeFrom(family.ready, node);
  queue.size--;
  settleFamily(queue, family);
}

/** Has to follow when the priority of a node in the queue has changed. */
export function reorderReady(queue: ReadyQueue, node: PlanNode): void {
  const family = familyOf(queue, node.family);
  reposition(family.ready, node);
  settleFamily(queue, family);
}

/** Notes that one more, or one less, of a family is in hand. */
export function countInHand(queue: ReadyQueue, name: string, change: 1 | -1): void {
  const family = familyOf(queue, name);
  family.inHand += change;
  settleFamily(queue, family);
}

function isNodeBefore(a: PlanNode, b: PlanNode): boolean {
  return a.priority === b.priority ? a.id < b.id : a.priority > b.priority;
}

function isFamilyBefore(a: Family, b: Family): boolean {
  const first = firstIn(a.ready);
  const second = firstIn(b.ready);
  if (first === undefined || second === undefined) return second === undefined;
  if (first.priority !== second.priority || a.inHand === b.inHand) {
    return isNodeBefore(first, second);
  }
  return a.inHand < b.inHand;
}

function familyOf(queue: ReadyQueue, name: string): Family {
  const known = queue.families.get(name);
  if (known !== undefined) return known;
  const family: Family = { name, ready: emptyHeap(isNodeBefore), inHand: 0, heapAt: -1 };
  queue.families.set(name, family);
  return family;
}

function settleFamily(queue: ReadyQueue, family: Family): void {
  const isListed = family.heapAt >= 0;
  if (family.ready.items.length > 0) {
    if (isListed) reposition(queue.order, family);
    else pushTo(queue.order, family);
    return;
  }
  if (isListed) removeFrom(queue.order, family);
  if (family.inHand === 0) queue.families.delete(family.name);
}
