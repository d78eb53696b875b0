/** Counts what an import brings and leaves, by kind, with some examples of each. */
import type { CameOverKind, LeftOutKind } from '../../../../preload/contract/exchange.ts';
import { shownName } from '../../../base/foreign-text.ts';
import type { Counted, ReadReport } from '../exchanged-chat.ts';

/** Shown in this order; a chat is counted when its messages have been. */
const order: readonly CameOverKind[] = [
  'chats',
  'messages',
  'versions',
  'system_prompts',
  'models',
  'reasoning',
  'files',
  'tool_steps',
];
const MAX_EXAMPLES = 3;
const EXAMPLE_CHARS = 80;

export interface Tally {
  /** One came over; `example` names it. */
  came(kind: CameOverKind, example?: string): void;
  left(kind: LeftOutKind, example?: string, count?: number): void;
  report(): ReadReport;
}

export function createTally(): Tally {
  const came = createCounts<CameOverKind>();
  const left = createCounts<LeftOutKind>();
  return {
    came: (kind, example) => came.add(kind, example, 1),
    left: (kind, example, count = 1) => left.add(kind, example, count),
    report: () => ({
      cameOver: came.list().sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind)),
      leftOut: left.list(),
    }),
  };
}

interface Counts<Kind extends string> {
  add(kind: Kind, example: string | undefined, count: number): void;
  list(): Counted<Kind>[];
}

function createCounts<Kind extends string>(): Counts<Kind> {
  const counts = new Map<Kind, { count: number; examples: Set<string> }>();
  return {
    add(kind, example, count) {
      const known = counts.get(kind) ?? { count: 0, examples: new Set<string>() };
      known.count += count;
      if (example !== undefined && example.trim() !== '' && known.examples.size < MAX_EXAMPLES)
        known.examples.add(shownName(example.trim().slice(0, EXAMPLE_CHARS)));
      counts.set(kind, known);
    },
    list: () => [...counts].map(([kind, { count, examples }]) => ({ kind, count, examples: [...examples] })),
  };
}
