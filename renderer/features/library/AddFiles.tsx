/** Adding model files with a button, and the files in transfer. */
import { FilePlus2, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatBytes, formatPercent } from '../../words/format.ts';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { ProgressBar } from '../../ui/display/ProgressBar.tsx';
import { pickModelFiles } from '../../parts/models/model-actions.ts';
import { dropImport, hasFileDialog, importFiles, useImports, type FileImport } from './imports.ts';
import { words } from '../../words/words.ts';

/** The desktop's dialog uses files in place; a browser tab uploads them. */
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
      <IconButton size="sm" icon={FilePlus2} label={words.library.add} loading={picking} onClick={add} />
      {!hasFileDialog && (
        <input
          ref={input}
          type="file"
          accept=".gguf"
          multiple
          hidden
          aria-label={words.library.addInput}
          onChange={(event) => {
            importFiles(event.target.files ?? []);
            event.target.value = '';
          }}
        />
      )}
    </>
  );
}

/** The files in transfer. Renders nothing without any. */
export function Imports() {
  const imports = useImports();
  if (imports.length === 0) return null;
  return (
    <ul className="models-imports" aria-label={words.library.importing}>
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
          title={words.library.notAdded(name)}
          actions={[{ label: words.ui.dismiss, run: () => dropImport(id) }]}
        />
      </li>
    );
  }
  return (
    <li className="models-import">
      <div className="models-import-head">
        <span className="truncate">{name}</span>
        <span className="secondary num">
          {state === 'checking'
            ? words.library.checking
            : words.library.sent(formatPercent(progress), formatBytes(sizeBytes))}
        </span>
        <IconButton size="sm" icon={X} label={words.library.stopAdding(name)} onClick={() => dropImport(id)} />
      </div>
      <ProgressBar value={state === 'checking' ? null : progress} label={words.library.adding(name)} size="sm" />
    </li>
  );
}
