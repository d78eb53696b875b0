/** The original weights of a repository: their type, and what converting them to GGUF would give. */
import type { ConversionSource } from '../../../preload/contract/convert.ts';
import type { HubModel } from '../../../preload/contract/hub.ts';
import { formatBytes, formatParameters, formatPercent } from '../../words/format.ts';
import { MeterBar } from '../../ui/display/MeterBar.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { CheckpointAnswer } from '../../parts/convert/CheckpointAnswer.tsx';
import { splitRepoId } from '../../parts/models/model-words.ts';
import { words } from '../../words/words.ts';

const tints = ['var(--c-compute)', 'var(--c-kv)', 'var(--c-weights)', 'var(--c-other)'];

interface SafetensorsProps {
  /** Null where the Hub has not read the headers. */
  readonly weights: HubModel['safetensors'];
  readonly source: Extract<ConversionSource, { kind: 'hub' }>;
  /** Whether converting is the way to run this model: it has no GGUF files. */
  readonly primary: boolean;
}

export function Safetensors({ weights, source, primary }: SafetensorsProps) {
  const dtypes = Object.entries(weights?.dtypes ?? {}).toSorted(([, a], [, b]) => b - a);
  const total = dtypes.reduce((sum, [, count]) => sum + count, 0);
  return (
    <section className="models-safetensors card" aria-label={words.discover.safetensors.title}>
      <div className="stack">
        <h3>
          {words.discover.safetensors.title} <span className="secondary">{words.discover.safetensors.format}</span>
        </h3>
        {weights !== null && (
          <Facts
            facts={[
              { name: words.discover.facts.parameters, value: formatParameters(weights.parameterCount) },
              { name: words.discover.facts.size, value: formatBytes(weights.sizeBytes) },
              {
                name: dtypes.length === 1 ? words.discover.facts.dataType : words.discover.facts.dataTypes,
                value: dtypes.length === 0 ? null : dtypes.map(([name]) => name).join(', '),
              },
            ]}
          />
        )}
        {dtypes.length > 1 && (
          <MeterBar
            label={words.discover.safetensors.byType}
            size="sm"
            total={total}
            parts={dtypes.map(([name, count], index) => ({
              key: name,
              label: `${name} ${formatPercent(count / total)}`,
              value: count,
              color: tints[index % tints.length] ?? 'var(--c-other)',
            }))}
          />
        )}
      </div>
      <div className="models-safetensors-answer">
        <CheckpointAnswer source={source} name={splitRepoId(source.repoId).name} brief primary={primary} />
      </div>
    </section>
  );
}
