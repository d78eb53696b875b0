/** The slots of each model as cells, those in use filled, and behind them the requests that wait. */
import { formatInteger } from '../../../words/format.ts';
import { words } from '../../../words/words.ts';
import type { QueueRow } from './queue-rows.ts';

/** Requests of a queue that are drawn; the number says how many more there are. */
const MOST_DRAWN = 24;

const cells = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

export function SlotCells({ rows }: { readonly rows: readonly QueueRow[] }) {
  const { activity } = words.server;
  if (rows.length === 0) return <p className="secondary">{activity.noneLoaded}</p>;
  return (
    <ul className="server-slots">
      {rows.map(({ modelId, name, isLoading, slots, used, waiting }) => (
        <li key={modelId}>
          <span className="truncate" title={modelId}>
            {name}
          </span>
          <span className="server-cells" aria-hidden="true">
            {cells(slots).map((index) => (
              <span key={index} data-on={index < used || undefined} />
            ))}
            {waiting > 0 ? (
              <span className="server-queue">
                {cells(Math.min(waiting, MOST_DRAWN)).map((index) => (
                  <i key={index} />
                ))}
                {waiting > MOST_DRAWN ? <b className="num">+{formatInteger(waiting - MOST_DRAWN)}</b> : null}
              </span>
            ) : null}
          </span>
          <span className="num secondary">
            {isLoading ? activity.phases.loading : slots > 0 ? activity.slotsOf(used, slots) : activity.notLoaded}
            {waiting > 0 ? `, ${activity.waitingOf(waiting)}` : null}
          </span>
        </li>
      ))}
    </ul>
  );
}
