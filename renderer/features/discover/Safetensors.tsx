/** The original weights of a repository: their type, and the size of a GGUF file made from them. */
import type { HubModel } from '../../../preload/contract/hub.ts';
import { formatBytes, formatParameters, formatPercent } from '../../words/format.ts';
import { MeterBar } from '../../ui/display/MeterBar.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { FitBadge } from '../../parts/fit/FitBadge.tsx';
import { words } from '../../words/words.ts';

const tints = ['var(--c-compute)', 'var(--c-kv)', 'var(--c-weights)', 'var(--c-other)'];

export function Safetensors({ weights }: { readonly weights: NonNullable<HubModel['safetensors']> }) {
  const dtypes = Object.entries(weights.dtypes).toSorted(([, a], [, b]) => b - a);
  const total = dtypes.reduce((sum, [, count]) => sum + count, 0);
  return (
    <section className="models-safetensors card" aria-label={words.discover.safetensors.title}>
      <div className="stack">
        <h3>
          {words.discover.safetensors.title} <span className="secondary">{words.discover.safetensors.format}</span>
        </h3>
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
      {weights.conversions.length > 0 && (
        <table className="models-files" aria-label={words.discover.safetensors.table}>
          <thead>
            <tr>
              <th scope="col">{words.discover.safetensors.asGguf}</th>
              <th scope="col" className="models-figure">
                {words.discover.columns.size}
              </th>
              <th scope="col">{words.discover.columns.memory}</th>
            </tr>
          </thead>
          <tbody>
            {weights.conversions.map((conversion) => (
              <tr key={conversion.quantization}>
                <th scope="row">{conversion.quantization}</th>
                <td className="models-figure num">{formatBytes(conversion.sizeBytes)}</td>
                <td>
                  <FitBadge fit={conversion.fit} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
