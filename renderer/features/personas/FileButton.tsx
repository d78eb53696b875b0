import type { LucideIcon } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button } from '../../ui/controls/Button.tsx';

interface FileButtonProps {
  readonly label: string;
  readonly icon: LucideIcon;
  /** Such as `.png,.json`. */
  readonly accept: string;
  /** Called with each chosen file, one after the other. */
  readonly onFile: (file: File) => Promise<void>;
  readonly size?: 'sm' | 'md';
}

/** A button that opens the browser's dialog for files. */
export function FileButton({ label, icon, accept, onFile, size = 'md' }: FileButtonProps): React.JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const read = async (files: readonly File[]): Promise<void> => {
    setBusy(true);
    try {
      for (const file of files) await onFile(file);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        accept={accept}
        multiple
        hidden
        onChange={({ target }) => {
          void read([...(target.files ?? [])]);
          // The same file can be chosen again.
          target.value = '';
        }}
      />
      <Button icon={icon} size={size} loading={busy} onClick={() => input.current?.click()}>
        {label}
      </Button>
    </>
  );
}
