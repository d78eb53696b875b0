import { Info } from 'lucide-react';
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import { formatDuration, formatInteger } from '../../words/format.ts';
import { memoryWords } from '../../parts/models/loaded-words.ts';
import { words } from '../../words/words.ts';

/** The measured memory of the loaded model, and the changes that were needed to load it. */
export function RunningNow({ loaded }: { readonly loaded: LoadedModel }) {
  if (loaded.status === 'loading') return null;
  const facts: readonly (readonly [string, string] | null)[] = [
    [words.load.running.memory, memoryWords(loaded)],
    [words.load.running.contextSize, words.models.tokens(loaded.contextSize)],
    loaded.gpuLayers > 0
      ? [words.load.running.gpuLayers, words.models.countOf(loaded.gpuLayers, loaded.layerCount)]
      : null,
    [words.load.running.threads, formatInteger(loaded.threads)],
    [words.load.running.batch, formatInteger(loaded.batchSize)],
    [
      words.load.running.kvCache,
      loaded.flashAttention ? words.load.running.withFlash(loaded.kvCacheType) : loaded.kvCacheType,
    ],
    loaded.sequences > 1 ? [words.load.running.slots, formatInteger(loaded.sequences)] : null,
    loaded.loadMs > 0 ? [words.load.running.loadTime, formatDuration(loaded.loadMs)] : null,
  ];
  return (
    <section className="load-section" aria-label={words.load.running.title}>
      <h3>{words.load.running.title}</h3>
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
        <ul className="load-notes" aria-label={words.load.running.notes}>
          {loaded.notes.map((note) => (
            <li key={words.load.note(note)}>
              <Info size={14} aria-hidden="true" />
              {words.load.note(note)}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
