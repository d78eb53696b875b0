import { Info } from 'lucide-react';
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import { formatDuration, formatInteger } from '../../words/format.ts';
import { memoryWords } from '../../parts/loaded-words.ts';

/** How the model sits in memory now: what was measured, and what was changed to make it load. */
export function RunningNow({ loaded }: { readonly loaded: LoadedModel }) {
  if (loaded.status === 'loading') return null;
  const facts: readonly (readonly [string, string] | null)[] = [
    ['Takes', memoryWords(loaded)],
    ['Room', `${formatInteger(loaded.contextSize)} tokens`],
    loaded.gpuLayers > 0 ? ['On the GPU', `${loaded.gpuLayers} of ${loaded.layerCount} layers`] : null,
    ['Threads', String(loaded.threads)],
    ['Batch', formatInteger(loaded.batchSize)],
    ['KV cache', `${loaded.kvCacheType}${loaded.flashAttention ? ', flash attention' : ''}`],
    loaded.sequences > 1 ? ['Chats at once', String(loaded.sequences)] : null,
    loaded.loadMs > 0 ? ['Loaded in', formatDuration(loaded.loadMs)] : null,
  ];
  return (
    <section className="load-section" aria-label="In memory now">
      <h3>In memory now</h3>
      <dl className="load-facts num">
        {facts
          .filter((fact) => fact !== null)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {loaded.notes.length > 0 ? (
        <ul className="load-notes" aria-label="What was changed to make it load">
          {loaded.notes.map((note) => (
            <li key={note}>
              <Info size={14} aria-hidden="true" />
              {note}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
