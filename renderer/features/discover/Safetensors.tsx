/** The original weights of a repository: what they are, and how large a GGUF made of them would be. */
import type { HubModel } from '../../../preload/contract/hub.ts';
import { formatBytes, formatParameters, formatPercent } from '../../words/format.ts';
import { MeterBar } from '../../ui/MeterBar.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { FitBadge } from '../../parts/FitBadge.tsx';

const tints = ['var(--c-compute)', 'var(--c-kv)', 'var(--c-weights)', 'var(--c-other)'];

export function Safetensors({ weights }: { readonly weights: NonNullable<HubModel['safetensors']> }) {
  const dtypes = Object.entries(weights.dtypes).toSorted(([, a], [, b]) => b - a);
  const total = dtypes.reduce((sum, [, count]) => sum + count, 0);
  return (
    <section className="models-safetensors card" aria-label="Original weights">
      <div className="stack">
        <h3>
          Original weights <span className="secondary">(safetensors)</span>
        </h3>
        <Facts
          facts={[
            { name: 'Parameters', value: formatParameters(weights.parameterCount) },
            { name: 'Size', value: formatBytes(weights.sizeBytes) },
            {
              name: dtypes.length === 1 ? 'Number type' : 'Number types',
              value: dtypes.length === 0 ? null : dtypes.map(([name]) => name).join(', '),
            },
          ]}
        />
        {dtypes.length > 1 && (
          <MeterBar
            label="Parameters by number type"
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
        <table className="models-files" aria-label="What a GGUF of it would take">
          <thead>
            <tr>
              <th scope="col">As GGUF</th>
              <th scope="col" className="models-figure">
                Size
              </th>
              <th scope="col">In memory</th>
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
