/** The slots of each loaded model as cells, those in use filled. */
import type { LoadedModel } from '../../../../preload/contract/engine.ts';
import { words } from '../../../words/words.ts';

interface SlotCellsProps {
  readonly models: readonly LoadedModel[];
}

export function SlotCells({ models }: SlotCellsProps) {
  const { activity } = words.server;
  if (models.length === 0) return <p className="secondary">{activity.noneLoaded}</p>;
  return (
    <ul className="server-slots">
      {models.map(({ modelId, name, sequences, activeSequences, status }) => (
        <li key={modelId}>
          <span className="truncate" title={modelId}>
            {name}
          </span>
          <span className="server-cells" aria-hidden="true">
            {Array.from({ length: Math.max(1, sequences) }, (_, index) => (
              <span key={index} data-on={index < activeSequences || undefined} />
            ))}
          </span>
          <span className="num secondary">
            {status === 'loading'
              ? words.server.activity.phases.loading
              : activity.slotsOf(activeSequences, Math.max(1, sequences))}
          </span>
        </li>
      ))}
    </ul>
  );
}
