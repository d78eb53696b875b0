/** One repository of the cache: its size, its actions, and, when unfolded, its revisions and files. */
import { ChevronRight, Pin, PinOff, ShieldCheck, Trash2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { StoredRepository, StoredRevision } from '../../../preload/contract/library.ts';
import { Badge } from '../../ui/display/Badge.tsx';
import { formatBytes, formatDate, formatRelativeDate } from '../../words/format.ts';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { isAnyInUse, lastUseWords, splitRepoId } from '../../parts/models/model-words.ts';
import { deleteStored, pinRepository, verifyStored } from '../../parts/storage/storage-actions.ts';
import { distinctFiles, modelIdsOf } from '../../parts/storage/storage-parts.ts';
import { useLoadedModels } from '../../parts/watched.ts';
import { words } from '../../words/words.ts';

interface RepositoryRowProps {
  readonly repository: StoredRepository;
  readonly open: boolean;
  readonly onToggle: () => void;
  /** The size of the largest repository, for the length of the bar. */
  readonly largestBytes: number;
}

export function RepositoryRow({ repository, open, onToggle, largestBytes }: RepositoryRowProps) {
  const { repoId, sizeBytes, lastUsedAt, pinned, busy, revisions } = repository;
  const { owner, name } = splitRepoId(repoId);
  const inUse = isAnyInUse(modelIdsOf(repository), useLoadedModels());
  const row = useRef<HTMLLIElement>(null);
  const files = distinctFiles(repository).length;
  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: 'nearest' });
  }, [open]);
  return (
    <li className="models-stored" data-open={open} ref={row}>
      <div className="models-stored-head">
        <button type="button" className="models-stored-name" data-row aria-expanded={open} onClick={onToggle}>
          <ChevronRight size={14} aria-hidden />
          <span>
            {owner !== '' && <span className="models-row-owner">{owner}/</span>}
            <wbr />
            {name}
          </span>
        </button>
        <span className="models-stored-facts num">
          {pinned && <Badge icon={Pin}>{words.library.pinned}</Badge>}
          {busy && <Badge tone="accent">{words.storage.inUse}</Badge>}
          <span
            className="secondary models-stored-used"
            title={lastUsedAt === null ? undefined : formatDate(lastUsedAt)}
          >
            {lastUseWords(lastUsedAt, busy && inUse)}
          </span>
          <span className="models-stored-size">
            {formatBytes(sizeBytes)}
            <span className="models-stored-bar" aria-hidden>
              <span
                style={{ inlineSize: `${largestBytes > 0 ? Math.max(1, (sizeBytes / largestBytes) * 100) : 0}%` }}
              />
            </span>
          </span>
        </span>
        <span className="models-stored-actions">
          {modelIdsOf(repository).length > 0 && (
            <IconButton
              size="sm"
              icon={pinned ? PinOff : Pin}
              label={pinned ? words.storage.unpin(name) : words.storage.pin(name)}
              onClick={() => void pinRepository(repository, !pinned)}
            />
          )}
          <IconButton
            size="sm"
            icon={ShieldCheck}
            label={words.storage.verify(name)}
            onClick={() => void verifyStored(repoId)}
          />
          <IconButton
            size="sm"
            icon={Trash2}
            label={busy ? words.storage.inUseStays(name) : words.storage.deleteNamed(name)}
            disabled={busy}
            onClick={() => void deleteStored({ repoId, commit: null, path: null }, name)}
          />
        </span>
      </div>
      {open && (
        <div className="models-stored-inside">
          <p className="secondary num">{words.storage.files(files, revisions.length)}</p>
          {revisions.map((revision) => (
            <Revision
              key={revision.commit}
              repoId={repoId}
              revision={revision}
              alone={revisions.length === 1}
              busy={busy}
            />
          ))}
        </div>
      )}
    </li>
  );
}

interface RevisionProps {
  readonly repoId: string;
  readonly revision: StoredRevision;
  readonly alone: boolean;
  readonly busy: boolean;
}

function Revision({ repoId, revision, alone, busy }: RevisionProps) {
  const { commit, refs, files } = revision;
  const short = commit.slice(0, 8);
  const frees = files.reduce((sum, file) => sum + file.ownBytes, 0);
  return (
    <section className="models-revision" aria-label={words.storage.revision(short)}>
      <header>
        <span className="mono">{short}</span>
        {refs.map((ref) => (
          <Badge key={ref}>{ref}</Badge>
        ))}
        {refs.length === 0 && <span className="faint">{words.storage.earlier}</span>}
        {!alone && (
          <IconButton
            size="sm"
            icon={Trash2}
            label={words.storage.deleteRevision(short, formatBytes(frees))}
            disabled={busy}
            onClick={() => void deleteStored({ repoId, commit, path: null }, words.models.actions.revision(short))}
          />
        )}
      </header>
      <table className="models-stored-files" aria-label={words.storage.filesOf(short)}>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">{words.storage.columns.file}</th>
            <th scope="col">{words.storage.columns.size}</th>
            <th scope="col">{words.storage.columns.lastUsed}</th>
            <th scope="col">{words.storage.columns.delete}</th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <tr key={file.path}>
              <th scope="row" className="mono">
                {file.path}
              </th>
              <td className="models-figure num">
                {formatBytes(file.sizeBytes)}
                {file.ownBytes < file.sizeBytes && <span className="faint"> {words.storage.shared}</span>}
              </td>
              <td className="secondary num">{file.lastUsedAt === null ? '' : formatRelativeDate(file.lastUsedAt)}</td>
              <td>
                <IconButton
                  size="sm"
                  icon={Trash2}
                  label={words.storage.deleteFile(file.path, formatBytes(file.ownBytes))}
                  disabled={busy}
                  onClick={() => void deleteStored({ repoId, commit, path: file.path }, file.path)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
