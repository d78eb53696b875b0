import { Check, Minus } from 'lucide-react';
import type { ProviderCapability, ProviderRow } from '../../../../preload/contract/providers.ts';
import { formatList } from '../../../words/format.ts';
import { words } from '../../../words/words.ts';

/** What each kind of provider can do on each platform. */
export function CapabilityTable({ rows }: { readonly rows: readonly ProviderRow[] }) {
  const { table } = words.elsewhere;
  const capabilities = Object.keys(table.capabilities) as ProviderCapability[];
  return (
    <details className="elsewhere-table">
      <summary>{table.title}</summary>
      <div className="elsewhere-scroll" tabIndex={0} role="region" aria-label={table.title}>
        <table>
          <thead>
            <tr>
              <th scope="col">{table.capability}</th>
              {rows.map(({ kind, platforms }) => (
                <th scope="col" key={`${kind} ${platforms.join()}`}>
                  {table.kinds[kind]}
                  <span className="secondary">
                    {platforms.length === 3
                      ? table.anyPlatform
                      : formatList(platforms.map((platform) => table.platforms[platform]))}
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {capabilities.map((capability) => (
              <tr key={capability}>
                <th scope="row">{table.capabilities[capability]}</th>
                {rows.map(({ kind, platforms, answers }) => {
                  const answer = answers[capability];
                  const Icon = answer === 'yes' ? Check : answer === 'no' ? Minus : null;
                  return (
                    <td key={`${kind} ${platforms.join()}`} data-answer={answer}>
                      {Icon ? <Icon size={14} aria-hidden="true" /> : null}
                      {table.answers[answer]}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
