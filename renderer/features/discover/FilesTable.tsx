/** The files of a repository, each with its state and the next action. */
import { Download, Star } from 'lucide-react';
import { Fragment } from 'react';
import type { HubFile } from '../../../preload/contract/hub.ts';
import type { Job } from '../../../preload/contract/jobs.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { Badge } from '../../ui/display/Badge.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatBytes, formatDecimal } from '../../words/format.ts';
import { chatWith } from '../../parts/models/model-actions.ts';
import { FileJob } from './FileJob.tsx';
import './files.css';
import { FitBadge } from '../../parts/fit/FitBadge.tsx';
import { fileNameOf } from '../../parts/jobs-state.ts';
import { distinctNames } from '../../parts/models/local-list.ts';
import { bitWidth, groupFiles, placeOf } from '../../parts/models/model-files.ts';
import { hubErrorActions } from '../../parts/models/hub-error-actions.ts';
import type { StartDownload } from './use-start-download.ts';
import { bitsNote, groupWords } from '../../parts/models/model-words.ts';
import { words } from '../../words/words.ts';

interface FilesTableProps {
  readonly repoId: string;
  readonly files: readonly HubFile[];
  /** Null while unknown. */
  readonly jobs: readonly Job[] | null;
  readonly localModels: readonly LocalModel[] | null;
  /** Paths of downloads that were requested and are not listed yet. */
  readonly starting: ReadonlySet<string>;
  readonly onDownload: (file: HubFile) => void;
  /** The error of a download's start, shown under its file. */
  readonly failure: StartDownload['failure'];
  readonly pageUrl: string;
  /** The file whose fit is shown. */
  readonly shownPath: string | null;
  readonly onShow: (path: string) => void;
}

export function FilesTable(props: FilesTableProps) {
  const groups = groupFiles(props.files);
  const localNames = props.localModels && distinctNames(props.localModels);
  return (
    <table className="models-files" aria-label={words.discover.files}>
      <thead>
        <tr>
          <th scope="col">{words.discover.columns.file}</th>
          <th scope="col" className="models-figure">
            {words.discover.columns.size}
          </th>
          <th scope="col" className="models-figure models-bits">
            {words.discover.columns.bits}
          </th>
          <th scope="col" className="models-figure">
            {words.discover.columns.memory}
          </th>
          <th scope="col">
            <span className="visually-hidden">{words.discover.columns.here}</span>
          </th>
        </tr>
      </thead>
      {groups.map((group) => {
        const heading = groupWords(group.kind);
        return (
          <tbody key={group.kind}>
            {heading !== null && (
              <tr className="models-group">
                <th scope="rowgroup" colSpan={5}>
                  {heading.title} <span className="secondary">{heading.note}</span>
                </th>
              </tr>
            )}
            {group.files.map((file) => (
              <Fragment key={file.path}>
                <tr data-shown={file.path === props.shownPath}>
                  <th scope="row">
                    <FileName file={file} shown={file.path === props.shownPath} onShow={props.onShow} />
                  </th>
                  <td className="models-figure num">{formatBytes(file.sizeBytes)}</td>
                  <td className="models-figure models-bits num">
                    {file.bitsPerWeight === null ? '–' : formatDecimal(file.bitsPerWeight, 1)}
                  </td>
                  <td className="models-figure num">{file.kind === 'model' ? <Memory fit={file.fit} /> : null}</td>
                  <td className="models-file-action">
                    <FileAction
                      file={file}
                      place={placeOf(file, props.jobs, props.localModels)}
                      name={localNames?.get(file.modelId) ?? fileNameOf(file.path)}
                      starting={props.starting.has(file.path)}
                      onDownload={props.onDownload}
                    />
                  </td>
                </tr>
                {props.failure?.file.path === file.path && (
                  <tr className="models-failure" ref={scrollTo}>
                    <td colSpan={5}>
                      <ErrorCard
                        compact
                        error={props.failure.error}
                        actions={hubErrorActions(props.failure.error, () => props.onDownload(file), {
                          repoId: props.repoId,
                          pageUrl: props.pageUrl,
                        })}
                      />
                    </td>
                  </tr>
                )}
              </Fragment>
            ))}
          </tbody>
        );
      })}
    </table>
  );
}

/** Its file may be far below, where the button that was pressed stood elsewhere. */
const scrollTo = (row: HTMLElement | null): void => row?.scrollIntoView({ block: 'nearest' });

/** The memory that the file takes. The verdict is a sign beside it, and a word where it is not the usual one. */
function Memory({ fit }: { readonly fit: Fit }) {
  return (
    <span className="models-file-memory">
      {formatBytes(fit.ramBytes + fit.vramBytes)}
      <FitBadge fit={fit} compact />
    </span>
  );
}

interface FileNameProps {
  readonly file: HubFile;
  readonly shown: boolean;
  readonly onShow: (path: string) => void;
}

function FileName({ file, shown, onShow }: FileNameProps) {
  const note = bitsNote(bitWidth(file));
  const label = (
    <>
      <span className="models-file-title">
        {file.quantization ?? words.discover.quantizationUnknown}
        {file.recommended !== null && (
          <Badge tone="accent" icon={Star}>
            {words.discover.recommended}
          </Badge>
        )}
      </span>
      <span className="models-file-path mono" title={file.path}>
        {fileNameOf(file.path)}
        {file.shards.length > 1 && ` (${words.discover.shards(file.shards.length)})`}
      </span>
    </>
  );
  return (
    <>
      {file.kind === 'model' ? (
        <button
          type="button"
          className="models-file-name"
          aria-pressed={shown}
          title={words.discover.showFit}
          onClick={() => onShow(file.path)}
        >
          {label}
        </button>
      ) : (
        <div className="models-file-name">{label}</div>
      )}
      {file.recommended !== null && (
        <p className="models-file-why">{words.fit.recommendation(file.recommended, file.fit)}</p>
      )}
      {file.kind === 'model' && file.recommended === null && words.fit.speed(file.fit) !== null && (
        <p className="models-file-why">{words.fit.speed(file.fit)}</p>
      )}
      {shown && file.recommended === null && note !== null && <p className="models-file-why">{note}</p>}
    </>
  );
}

interface FileActionProps {
  readonly file: HubFile;
  readonly place: ReturnType<typeof placeOf>;
  readonly name: string;
  readonly starting: boolean;
  readonly onDownload: (file: HubFile) => void;
}

function FileAction({ file, place, name, starting, onDownload }: FileActionProps) {
  switch (place.at) {
    case 'job':
      return <FileJob job={place.job} fileName={fileNameOf(file.path)} />;
    case 'local':
      return (
        <span className="models-file-here">
          <Badge tone="green">{words.discover.onThisComputer}</Badge>
          {file.kind === 'model' && place.usable && (
            <Button size="sm" aria-label={words.models.chatWith(name)} onClick={() => chatWith(file.modelId)}>
              {words.models.chat}
            </Button>
          )}
        </span>
      );
    case 'remote':
      return (
        <Button
          size="sm"
          className="models-file-download"
          variant={file.recommended === null ? 'secondary' : 'primary'}
          icon={Download}
          loading={starting}
          aria-label={words.discover.downloadFile(fileNameOf(file.path))}
          onClick={() => onDownload(file)}
        >
          {words.discover.download}
        </Button>
      );
    default:
      return place satisfies never;
  }
}
