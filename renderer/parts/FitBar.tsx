/** How a load would sit in this machine's memory: a bar for the GPU's memory where there is one, and one for the computer's. */
import type { Fit } from '../../preload/contract/model.ts';
import { fitMemories, type FitMemory, type FitPart } from './fit-picture.ts';
import { formatBytes } from '../words/format.ts';
import './fit.css';

const colours: Readonly<Record<FitPart['key'], string>> = {
  weights: 'var(--c-weights)',
  kv_cache: 'var(--c-kv)',
  compute: 'var(--c-compute)',
};

export function FitBar({ fit }: { readonly fit: Fit }) {
  const memories = fitMemories(fit);
  const totals: readonly { key: FitPart['key']; label: string; bytes: number }[] = [
    { key: 'weights', label: 'Weights', bytes: fit.weightsBytes },
    { key: 'kv_cache', label: 'Conversation (KV cache)', bytes: fit.kvCacheBytes },
    { key: 'compute', label: 'Working room (compute)', bytes: fit.computeBytes },
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
              <span className="fit-swatch" style={{ background: colours[key] }} />
              {label}
            </dt>
            <dd className="num">{formatBytes(bytes)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Bar({ memory, alone }: { memory: FitMemory; alone: boolean }) {
  const { neededBytes, freeBytes, leftBytes } = memory;
  const known = freeBytes > 0;
  const needed = formatBytes(neededBytes);
  const summary = !known
    ? `${needed} needed`
    : leftBytes < 0
      ? `${needed} needed, ${formatBytes(freeBytes)} free`
      : `${needed} of ${formatBytes(freeBytes)} that are free`;
  return (
    <div className="fit-memory">
      <div className="fit-line">
        <span>{alone ? 'Memory (RAM)' : memory.label}</span>
        <span className="num secondary">
          {summary}
          {known && leftBytes < 0 ? <span data-missing>{` · ${formatBytes(-leftBytes)} missing`}</span> : null}
        </span>
      </div>
      <div
        className="fit-bar"
        role="img"
        aria-label={`${memory.label}: ${summary}. ${memory.parts.map((part) => `${part.label} ${formatBytes(part.bytes)}`).join(', ')}`}
      >
        {memory.parts.map((part) =>
          part.bytes > 0 ? (
            <span
              key={part.key}
              className="fit-part"
              title={`${part.label} ${formatBytes(part.bytes)}`}
              style={{ inlineSize: `${part.share * 100}%`, background: colours[part.key] }}
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
