/** The original weights in the cache, which run after a conversion. */
import type { StoredCheckpoint } from '../../../preload/contract/convert.ts';
import { CheckpointAnswer } from '../../parts/convert/CheckpointAnswer.tsx';
import { splitRepoId } from '../../parts/models/model-words.ts';
import { onListKeys } from '../../ui/list-keys.ts';
import { formatBytes } from '../../words/format.ts';
import { words } from '../../words/words.ts';

interface CheckpointsProps {
  readonly checkpoints: readonly StoredCheckpoint[];
  readonly chosen: string | null;
  readonly onChoose: (repoId: string) => void;
}

export function Checkpoints({ checkpoints, chosen, onChoose }: CheckpointsProps) {
  if (checkpoints.length === 0) return null;
  return (
    <section className="models-auxiliary-list" aria-label={words.convert.checkpoints}>
      <h3>{words.convert.checkpoints}</h3>
      <p className="secondary">{words.convert.checkpointsText}</p>
      <ul className="models-rows" aria-label={words.convert.checkpoints} onKeyDown={onListKeys}>
        {checkpoints.map(({ repoId, sizeBytes }) => {
          const isChosen = repoId === chosen;
          return (
            <li key={repoId} className="models-row" data-chosen={isChosen}>
              <button
                type="button"
                className="models-row-link"
                data-row
                aria-current={isChosen || undefined}
                onClick={() => onChoose(repoId)}
              >
                {splitRepoId(repoId).name}
              </button>
              <span className="models-row-facts num">
                <span>{words.convert.safetensors}</span>
                <span>{formatBytes(sizeBytes)}</span>
                <span className="truncate">{words.models.origins.hub(repoId)}</span>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export function CheckpointDetail({ checkpoint }: { readonly checkpoint: StoredCheckpoint }) {
  const { repoId, revision } = checkpoint;
  const { owner, name } = splitRepoId(repoId);
  return (
    <article className="models-detail">
      <header className="models-detail-head">
        <div className="models-detail-title">
          <h2>{name}</h2>
        </div>
        <p className="secondary">{owner === '' ? repoId : words.models.origins.hub(repoId)}</p>
      </header>
      <CheckpointAnswer source={{ kind: 'hub', repoId, revision }} name={name} primary />
    </article>
  );
}
