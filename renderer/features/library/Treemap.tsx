/**
 * A treemap of the cache: a tile for each repository, divided into a tile for each file. The list below shows the same.
 */
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { StoredFile, StoredRepository } from '../../../preload/contract/library.ts';
import { formatBytes, formatRelativeDate } from '../../words/format.ts';
import { isAnyInUse, splitRepoId } from '../../parts/models/model-words.ts';
import { ageOf, distinctFiles, lastPart, type Age } from '../../parts/storage/storage-parts.ts';
import { neighbor, squarify, type Tile } from './treemap.ts';
import { modelIdsOf } from '../../parts/storage/storage-parts.ts';
import { useLoadedModels } from '../../parts/watched.ts';
import { words } from '../../words/words.ts';

interface TreemapProps {
  readonly repositories: readonly StoredRepository[];
  readonly chosen: string | null;
  readonly onChoose: (repoId: string) => void;
}

const HEAD_PX = 20;
/** A smaller tile has no label. */
const MIN_LABEL_PX = { width: 64, height: 30 };
const ages: readonly Age[] = ['week', 'month', 'half_year', 'older', 'never'];

export function Treemap({ repositories, chosen, onChoose }: TreemapProps) {
  const [box, setBox] = useState({ width: 0, height: 0 });
  const frame = useRef<HTMLDivElement>(null);
  const [now] = useState(() => Date.now());
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setBox({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const tiles = useMemo(
    () => squarify(repositories, (repository) => repository.sizeBytes, { x: 0, y: 0, ...box }),
    [repositories, box],
  );
  // One stop in the tab order; the arrows move from tile to tile.
  const stop = Math.max(
    0,
    tiles.findIndex((tile) => tile.item.repoId === chosen),
  );
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('button')];
    const from = buttons.findIndex((button) => button === document.activeElement);
    const to = neighbor(tiles, from, event.key);
    if (to === -1) return;
    event.preventDefault();
    buttons[to]?.focus();
  };
  return (
    <figure className="models-treemap">
      <div
        className="models-treemap-frame"
        role="group"
        aria-label={words.storage.treemap}
        ref={frame}
        onKeyDown={onKeyDown}
      >
        {tiles.map((tile, index) => (
          <RepositoryTile
            key={tile.item.repoId}
            tile={tile}
            age={ageOf(tile.item.lastUsedAt, now)}
            chosen={tile.item.repoId === chosen}
            tabIndex={index === stop ? 0 : -1}
            onChoose={() => onChoose(tile.item.repoId)}
          />
        ))}
      </div>
      <figcaption>
        {ages.map((age) => (
          <span key={age}>
            <span className="models-swatch models-age" data-age={age} />
            {words.storage.ages[age]}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

interface RepositoryTileProps {
  readonly tile: Tile<StoredRepository>;
  readonly age: Age;
  readonly chosen: boolean;
  readonly tabIndex: number;
  readonly onChoose: () => void;
}

function RepositoryTile({ tile, age, chosen, tabIndex, onChoose }: RepositoryTileProps) {
  const { item: repository, x, y, width, height } = tile;
  const { name } = splitRepoId(repository.repoId);
  const hasLabel = width >= MIN_LABEL_PX.width && height >= MIN_LABEL_PX.height;
  const inUse = isAnyInUse(modelIdsOf(repository), useLoadedModels());
  const used = usedWords(repository.lastUsedAt, inUse);
  const label = words.storage.tile(repository.repoId, formatBytes(repository.sizeBytes), used);
  return (
    <div
      className="models-tile models-age"
      data-age={age}
      data-chosen={chosen}
      style={{ insetInlineStart: x, insetBlockStart: y, inlineSize: width, blockSize: height }}
    >
      {hasLabel && (
        <span className="models-tile-head" aria-hidden>
          <span className="truncate">{name}</span>
          {width > 150 && <span className="num">{formatBytes(repository.sizeBytes)}</span>}
        </span>
      )}
      {hasLabel && height > 60 && (
        <FileTiles repository={repository} width={width - 10} height={height - HEAD_PX - 11} />
      )}
      <button
        type="button"
        className="models-tile-button"
        aria-label={label}
        aria-pressed={chosen}
        title={label}
        tabIndex={tabIndex}
        onClick={onChoose}
      />
    </div>
  );
}

interface FileTilesProps {
  readonly repository: StoredRepository;
  readonly width: number;
  readonly height: number;
}

/** The files of a tile; files too small to see are only in the list. */
function FileTiles({ repository, width, height }: FileTilesProps) {
  const files = useMemo(() => distinctFiles(repository), [repository]);
  const tiles = squarify(files, (file: StoredFile) => file.sizeBytes, { x: 0, y: 0, width, height });
  return (
    <span className="models-tile-files" aria-hidden style={{ inlineSize: width, blockSize: height }}>
      {tiles
        .filter((tile) => tile.width > 4 && tile.height > 4)
        .map((tile) => (
          <span
            key={`${tile.item.path} ${tile.item.sizeBytes}`}
            className="models-tile-file"
            style={{
              insetInlineStart: tile.x,
              insetBlockStart: tile.y,
              inlineSize: tile.width,
              blockSize: tile.height,
            }}
          >
            {tile.width > 70 && tile.height > 18 && <span className="truncate">{lastPart(tile.item.path)}</span>}
          </span>
        ))}
    </span>
  );
}

function usedWords(lastUsedAt: number | null, inUse: boolean): string {
  if (inUse) return words.storage.usedNow;
  return lastUsedAt === null ? words.storage.notUsed : words.storage.usedAgo(formatRelativeDate(lastUsedAt));
}
