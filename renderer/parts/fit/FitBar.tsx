/** The memory that a load would take: a bar for the GPU's memory if there is a GPU, and one for the computer's. */
import type { Fit } from '../../../preload/contract/model.ts';
import { fitMemories, type FitMemory, type FitPart } from './fit-picture.ts';
import { formatBytes, formatList } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import './fit.css';

const colors: Readonly<Record<FitPart['key'], string>> = {
  weights: 'var(--c-weights)',
  kv_cache: 'var(--c-kv)',
  compute: 'var(--c-compute)',
};

export function FitBar({ fit }: { readonly fit: Fit }) {
  const memories = fitMemories(fit);
  const totals: readonly { key: FitPart['key']; label: string; bytes: number }[] = [
    { key: 'weights', label: words.models.fitBar.weights, bytes: fit.weightsBytes },
    { key: 'kv_cache', label: words.models.fitBar.kvCache, bytes: fit.kvCacheBytes },
    { key: 'compute', label: words.models.fitBar.compute, bytes: fit.computeBytes },
  ];
  return (
    <div className="fit">
      {memories.map((memory) => (
        <Bar key={memory.key} memory={memory} alone={memories.length === 1} />
      ))}
      <dl className="fit-legend">
        {totals.map(({ key, label, bytes }) => (
          <div key={key}>
            <dt>
              <span className="fit-swatch" style={{ background: colors[key] }} />
              {label}
            </dt>
            <dd className="num">{formatBytes(bytes)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

const partWords = (part: FitPart): string => words.models.fitBar.part(part.label, formatBytes(part.bytes));

function Bar({ memory, alone }: { memory: FitMemory; alone: boolean }) {
  const { neededBytes, freeBytes, leftBytes } = memory;
  const known = freeBytes > 0;
  const needed = formatBytes(neededBytes);
  const summary = !known
    ? words.models.fitBar.needed(needed)
    : leftBytes < 0
      ? words.models.fitBar.neededMoreThanFree(needed, formatBytes(freeBytes))
      : words.models.fitBar.neededOfFree(needed, formatBytes(freeBytes));
  return (
    <div className="fit-memory">
      <div className="fit-line">
        <span>{alone ? words.gauge.ram : memory.label}</span>
        <span className="num secondary" title={known ? words.models.fitBar.availableHint : undefined}>
          {summary}
          {known && leftBytes < 0 ? (
            <span data-missing>{` · ${words.models.fitBar.missing(formatBytes(-leftBytes))}`}</span>
          ) : null}
        </span>
      </div>
      <div
        className="fit-bar"
        role="img"
        aria-label={words.models.fitBar.summary(memory.label, summary, formatList(memory.parts.map(partWords)))}
      >
        {memory.parts.map((part) =>
          part.bytes > 0 ? (
            <span
              key={part.key}
              className="fit-part"
              title={partWords(part)}
              style={{ inlineSize: `${part.share * 100}%`, background: colors[part.key] }}
            />
          ) : null,
        )}
        {known && leftBytes < 0 ? (
          <span className="fit-missing" style={{ insetInlineStart: `${memory.freeShare * 100}%` }} />
        ) : null}
      </div>
    </div>
  );
}
