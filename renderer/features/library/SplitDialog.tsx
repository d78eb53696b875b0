/** How large the files of a split model get. */
import { useState } from 'react';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { useCall } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { tellStarted } from '../../parts/models/model-actions.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { Dialog } from '../../ui/layers/Dialog.tsx';
import { formatBytes } from '../../words/format.ts';
import { words } from '../../words/words.ts';

const SIZES = [50e9, 20e9, 10e9, 4e9, 2e9, 1e9, 500e6, 100e6, 10e6, 1e6];
/** Some sizes that divide a model, and not into hundreds of files. */
const MAX_CHOICES = 5;

/** The sizes that a model can be divided into, from the largest; empty for one that is too small. */
export const splitSizes = (sizeBytes: number): readonly number[] =>
  SIZES.filter((size) => size < sizeBytes).slice(0, MAX_CHOICES);

export function SplitDialog({ model, onClose }: { readonly model: LocalModel; readonly onClose: () => void }) {
  const sizes = splitSizes(model.sizeBytes);
  const [size, setSize] = useState(sizes[0] ?? 0);
  const start = useCall('convert.split');
  const run = async (): Promise<void> => {
    const started = await start.run({ modelId: model.id, limit: { kind: 'bytes', bytes: size } });
    if (started === undefined) return;
    onClose();
    tellStarted(started.jobId, words.sideways.splitStarted(model.name));
  };
  return (
    <Dialog
      open
      size="sm"
      onOpenChange={(open) => !open && onClose()}
      title={words.sideways.splitTitle(model.name)}
      description={words.sideways.splitText}
      footer={
        <Button variant="primary" loading={start.pending} onClick={() => void run()}>
          {words.sideways.splitStart}
        </Button>
      }
    >
      <div className="stack">
        <Select
          label={words.sideways.splitSize}
          hint={words.sideways.splitInto(Math.ceil(model.sizeBytes / size))}
          value={String(size)}
          onChange={(value) => setSize(Number(value))}
          options={sizes.map((one) => ({ value: String(one), label: formatBytes(one) }))}
        />
        {start.error !== null && <ErrorCard compact error={start.error} onRetry={start.clearError} />}
      </div>
    </Dialog>
  );
}
