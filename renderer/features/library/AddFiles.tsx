/** Taking model files in: by a button, and by letting them go anywhere over the screen. */
import { FilePlus2, FileDown, X } from 'lucide-react';
import { useRef, useState, type DragEvent, type ReactNode } from 'react';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatBytes, formatPercent } from '../../words/format.ts';
import { IconButton } from '../../ui/IconButton.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { pickModelFiles } from '../../parts/model-acts.ts';
import { dropImport, hasFileDialog, importFiles, useImports, type FileImport } from './imports.ts';

/** The desktop's dialog uses files where they lie; a browser tab sends them. */
export function AddFilesButton() {
  const input = useRef<HTMLInputElement>(null);
  const [picking, setPicking] = useState(false);
  const add = (): void => {
    if (!hasFileDialog) return input.current?.click();
    setPicking(true);
    void pickModelFiles().finally(() => setPicking(false));
  };
  return (
    <>
      <IconButton size="sm" icon={FilePlus2} label="Add files…" loading={picking} onClick={add} />
      {!hasFileDialog && (
        <input
          ref={input}
          type="file"
          accept=".gguf"
          multiple
          hidden
          aria-label="GGUF files to add"
          onChange={(event) => {
            importFiles(event.target.files ?? []);
            event.target.value = '';
          }}
        />
      )}
    </>
  );
}

/** Files that are let go over `children` are taken in. */
export function DropZone({ children, onDropped }: { children: ReactNode; onDropped: () => void }) {
  const [over, setOver] = useState(false);
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes('Files');
  const enter = (event: DragEvent): void => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    setOver(true);
  };
  const leave = (event: DragEvent<HTMLElement>): void => {
    const next = event.relatedTarget;
    if (!(next instanceof Node) || !event.currentTarget.contains(next)) setOver(false);
  };
  const drop = (event: DragEvent): void => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    setOver(false);
    importFiles(event.dataTransfer.files);
    onDropped();
  };
  return (
    <div className="models-screen" onDragEnter={enter} onDragOver={enter} onDragLeave={leave} onDrop={drop}>
      {children}
      {over && (
        <div className="models-drop">
          <FileDown size={28} strokeWidth={1.5} aria-hidden />
          <strong>Add to this computer’s models</strong>
          <span className="secondary">GGUF files are copied into Hearth’s own folder.</span>
        </div>
      )}
    </div>
  );
}

/** The files under way. Nothing where there are none. */
export function Imports() {
  const imports = useImports();
  if (imports.length === 0) return null;
  return (
    <ul className="models-imports" aria-label="Files being added">
      {imports.map((one) => (
        <ImportItem key={one.id} item={one} />
      ))}
    </ul>
  );
}

function ImportItem({ item }: { readonly item: FileImport }) {
  const { id, name, sizeBytes, sentBytes, state, error } = item;
  const progress = sizeBytes > 0 ? sentBytes / sizeBytes : 0;
  if (error) {
    return (
      <li>
        <ErrorCard
          compact
          error={error}
          title={`${name} was not added`}
          acts={[{ label: 'Dismiss', run: () => dropImport(id) }]}
        />
      </li>
    );
  }
  return (
    <li className="models-import">
      <div className="models-import-head">
        <span className="truncate">{name}</span>
        <span className="secondary num">
          {state === 'checking' ? 'Checking' : `${formatPercent(progress)} of ${formatBytes(sizeBytes)}`}
        </span>
        <IconButton size="sm" icon={X} label={`Stop adding ${name}`} onClick={() => dropImport(id)} />
      </div>
      <ProgressBar value={state === 'checking' ? null : progress} label={`Adding ${name}`} size="sm" />
    </li>
  );
}
