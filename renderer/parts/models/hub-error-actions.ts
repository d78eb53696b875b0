/** The actions that fix an error of the Hub. */
import type { AppError } from '../../../preload/wire/errors.ts';
import { navigate } from '../../navigation/router.ts';
import type { ErrorAction } from '../ErrorCard.tsx';
import { words } from '../../words/words.ts';

/** The model that a request was about, and its page on the Hub, where it is known. */
interface AskedModel {
  readonly repoId: string;
  readonly pageUrl: string | null;
}

/** Actions for an error of a Hub route, the likeliest first. `asked` is null where no single model was asked for. */
export function hubErrorActions(error: AppError, retry: () => void, asked: AskedModel | null): readonly ErrorAction[] {
  const pageUrl = asked?.pageUrl ?? null;
  const forRepoId = asked?.repoId;
  const again: ErrorAction = { label: words.ui.tryAgain, run: retry };
  const enterToken: ErrorAction = {
    label: words.discover.enterToken,
    run: () => navigate({ screen: 'settings', section: 'hub', ...(forRepoId === undefined ? {} : { forRepoId }) }),
  };
  switch (error.code) {
    case 'network.proxy':
    case 'hub.unauthorized':
      return [enterToken, again];
    case 'hub.not_found':
      // Asking for the same model again gives the same answer, unless it is private and a token opens it.
      return forRepoId === undefined ? [again] : [enterToken, again];
    case 'hub.gated':
      return pageUrl === null
        ? [again]
        : [{ label: words.discover.errorActions.acceptOnHub, run: () => openPage(pageUrl) }, again];
    case 'disk.full':
      return [
        {
          label: words.discover.errorActions.freeSpace,
          run: () => navigate({ screen: 'models', tab: 'storage', repoId: null }),
        },
        again,
      ];
    case 'disk.denied':
      return [
        {
          label: words.discover.errorActions.chooseFolder,
          run: () => navigate({ screen: 'settings', section: 'folder' }),
        },
        again,
      ];
    default:
      return [again];
  }
}

/** In a new tab, or in the system's browser after the desktop shell's check of outside addresses. */
function openPage(pageUrl: string): void {
  if (/^https?:\/\//.test(pageUrl)) window.open(pageUrl, '_blank', 'noreferrer');
}
