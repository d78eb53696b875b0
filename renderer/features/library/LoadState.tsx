import { CircleDot, LoaderCircle, PencilLine } from 'lucide-react';
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import { Badge } from '../../ui/display/Badge.tsx';
import { formatPercent } from '../../words/format.ts';
import { words } from '../../words/words.ts';

/** The load state of a model, in words. Renders nothing for one that is not in memory. */
export function LoadState({ loaded }: { readonly loaded: LoadedModel | undefined }) {
  switch (loaded?.status) {
    case undefined:
    case 'failed':
      return null;
    case 'loading':
      return <Badge icon={LoaderCircle}>{words.library.loading(formatPercent(loaded.progress))}</Badge>;
    case 'ready':
      return (
        <Badge tone="green" icon={CircleDot}>
          {words.library.loaded}
        </Badge>
      );
    case 'generating':
      return (
        <Badge tone="green" icon={PencilLine}>
          {words.library.writing}
        </Badge>
      );
    default:
      return loaded?.status satisfies undefined;
  }
}
