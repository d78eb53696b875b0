/** What can be done with a model beside running it: quantize, measure, verify, look at its tokenizer. */
import { ChartScatter, ChevronDown, Shapes, ShieldCheck, WholeWord } from 'lucide-react';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { attempt } from '../../connection/attempt.ts';
import { openConvert } from '../../navigation/convert-sheet.ts';
import { navigate } from '../../navigation/router.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Menu } from '../../ui/layers/Menu.tsx';
import { toast } from '../../ui/layers/toast.ts';
import { words } from '../../words/words.ts';

export function ModelTools({ model }: { readonly model: LocalModel }) {
  const verify = async (): Promise<void> => {
    if ((await attempt('convert.verify', { modelId: model.id, source: null })) === undefined) return;
    toast({ text: words.convert.verifyStarted(model.name), detail: words.convert.startedText });
  };
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
        ]}
        trigger={
          <Button iconEnd={ChevronDown} aria-label={words.convert.toolsThis}>
            {words.convert.tools}
          </Button>
        }
      />
    </>
  );
}
