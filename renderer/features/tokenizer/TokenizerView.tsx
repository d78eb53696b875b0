/** A model's tokenizer tried out: a text as tokens, lines as counts, ids as text. */
import type { TokenizerSource } from '../../../preload/contract/convert.ts';
import { navigate } from '../../navigation/router.ts';
import { useLocalModels } from '../../parts/watched.ts';
import { SegmentedControl } from '../../ui/controls/SegmentedControl.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { useKept } from '../../ui/use-kept.ts';
import { words } from '../../words/words.ts';
import { FromIds } from './FromIds.tsx';
import { LineCounts } from './LineCounts.tsx';
import { SourcePicker } from './SourcePicker.tsx';
import { TextTokens } from './TextTokens.tsx';
import './tokenizer.css';

type Mode = 'text' | 'lines' | 'ids';

const modes = [
  { value: 'text', label: words.tokenizer.modes.text },
  { value: 'lines', label: words.tokenizer.modes.lines },
  { value: 'ids', label: words.tokenizer.modes.ids },
] as const;

export function TokenizerView({ subject }: { readonly subject: string | null }) {
  const [mode, setMode] = useKept<Mode>('tokenizer.mode', 'text');
  const models = useLocalModels().value?.models;
  if (models === undefined) {
    return (
      <div className="models-padded">
        <Skeleton lines={6} />
      </div>
    );
  }
  const usable = models.filter(({ kind, problem }) => kind === 'model' && problem === null);
  const shown = subject ?? usable[0]?.id ?? null;
  const source = shown === null ? null : sourceOf(shown);
  return (
    <div className="tokenizer">
      <header className="tokenizer-head">
        <SourcePicker
          models={usable}
          subject={shown}
          onChange={(next) => navigate({ screen: 'models', tab: 'tokenizer', subject: next }, { replace: true })}
        />
        <SegmentedControl label={words.tokenizer.mode} value={mode} options={modes} onChange={setMode} />
      </header>
      {source !== null && (
        <p className="secondary">{source.kind === 'model' ? words.tokenizer.byModel : words.tokenizer.byRepository}</p>
      )}
      {source === null ? (
        <p className="secondary">{words.tokenizer.intro}</p>
      ) : mode === 'text' ? (
        <TextTokens source={source} />
      ) : mode === 'lines' ? (
        <LineCounts source={source} />
      ) : (
        <FromIds source={source} />
      )}
    </div>
  );
}

/** A model's id names a GGUF file; anything else is a repository. */
function sourceOf(subject: string): TokenizerSource {
  return /\.gguf$/i.test(subject) || subject.split('/').length > 2
    ? { kind: 'model', modelId: subject }
    : { kind: 'hub', repoId: subject, revision: 'main' };
}
