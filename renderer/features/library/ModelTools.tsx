/** What can be done with a model beside running it: quantize, measure, verify, look at its tokenizer. */
import { ChartScatter, ChevronDown, FileOutput, Files, Merge, Shapes, ShieldCheck, WholeWord } from 'lucide-react';
import { useState } from 'react';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { attempt } from '../../connection/attempt.ts';
import { FolderPicker } from '../../parts/storage/FolderPicker.tsx';
import { hasFolderDialog } from '../../parts/convert/folder-choice.ts';
import { tellStarted } from '../../parts/models/model-actions.ts';
import { openConvert } from '../../navigation/convert-sheet.ts';
import { navigate } from '../../navigation/router.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Menu, type MenuItem } from '../../ui/layers/Menu.tsx';
import { words } from '../../words/words.ts';
import { SplitDialog, splitSizes } from './SplitDialog.tsx';

export function ModelTools({ model }: { readonly model: LocalModel }) {
  const verify = async (): Promise<void> => {
    const started = await attempt('convert.verify', { modelId: model.id, source: null });
    if (started) tellStarted(started.jobId, words.convert.verifyStarted(model.name));
  };
  const [open, setOpen] = useState<'split' | 'export' | null>(null);
  const close = (): void => setOpen(null);
  const join = async (): Promise<void> => {
    const started = await attempt('convert.merge', { modelId: model.id });
    if (started) tellStarted(started.jobId, words.sideways.joinStarted(model.name));
  };
  const exportInto = async (folderId: string): Promise<void> => {
    close();
    const started = await attempt('convert.export', { modelId: model.id, folderId, quantizedAs: 'F16' });
    if (started) tellStarted(started.jobId, words.sideways.exportStarted(model.name));
  };
  const chooseFolder = async (): Promise<void> => {
    if (!hasFolderDialog) return setOpen('export');
    const picked = await attempt('convert.pickFolder', {});
    if (picked) await exportInto(picked.folderId);
  };
  const isSet = /-\d{5}-of-\d{5}\.gguf$/i.test(model.fileName);
  const files: readonly MenuItem[] = [
    ...(isSet
      ? [{ label: words.sideways.join, detail: words.sideways.joinHint, icon: Merge, run: () => void join() }]
      : splitSizes(model.sizeBytes).length > 0
        ? [{ label: words.sideways.split, detail: words.sideways.splitHint, icon: Files, run: () => setOpen('split') }]
        : []),
    {
      label: words.sideways.export,
      detail: words.sideways.exportHint,
      icon: FileOutput,
      run: () => void chooseFolder(),
    },
  ];
  return (
    <>
      <Button
        icon={Shapes}
        title={words.convert.quantizeHint}
        onClick={() => openConvert({ kind: 'model', modelId: model.id, name: model.name })}
      >
        {words.convert.quantizeMore}
      </Button>
      <Menu
        label={words.convert.tools}
        align="start"
        items={[
          {
            label: words.convert.compare,
            detail: words.convert.compareHint,
            icon: ChartScatter,
            run: () => navigate({ screen: 'models', tab: 'quality', subject: model.id }),
          },
          {
            label: words.convert.verify,
            detail: words.convert.verifyHint,
            icon: ShieldCheck,
            run: () => void verify(),
          },
          {
            label: words.tokenizer.open,
            detail: words.tokenizer.openHint,
            icon: WholeWord,
            run: () => navigate({ screen: 'models', tab: 'tokenizer', subject: model.id }),
          },
          { separator: true },
          ...files,
        ]}
        trigger={
          <Button iconEnd={ChevronDown} aria-label={words.convert.toolsThis}>
            {words.convert.tools}
          </Button>
        }
      />
      {open === 'split' && <SplitDialog model={model} onClose={close} />}
      {open === 'export' && (
        <FolderPicker
          title={words.sideways.exportTitle}
          text={words.sideways.exportText}
          confirm={words.sideways.exportUse}
          onUse={({ folderId }) => void exportInto(folderId)}
          onClose={close}
        />
      )}
    </>
  );
}
