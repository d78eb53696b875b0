/** Why a tokenizer gave no answer, with the act that mends it. */
import type { TokenizerSource } from '../../../preload/contract/convert.ts';
import type { AppError } from '../../../preload/wire/errors.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { hubErrorActions } from '../../parts/models/hub-error-actions.ts';
import { words } from '../../words/words.ts';

interface TokenizerErrorProps {
  readonly error: AppError;
  readonly source: TokenizerSource;
  readonly retry: () => void;
}

export function TokenizerError({ error, source, retry }: TokenizerErrorProps) {
  const asked = source.kind === 'hub' ? { repoId: source.repoId, pageUrl: null } : null;
  const isOfHub = error.code.startsWith('hub.') || error.code.startsWith('network.');
  // Another try with the same file and the same ids has the same answer.
  const isLasting = error.code === 'tokenizer.invalid' && error.data?.['reason'] !== 'too_slow';
  const again = isLasting ? [] : [{ label: words.ui.tryAgain, run: retry }];
  return <ErrorCard error={error} actions={isOfHub ? hubErrorActions(error, retry, asked) : again} />;
}
