/** The actions that fix an error of the Hub. */
import type { AppError } from '../../../preload/wire/errors.ts';
import { navigate } from '../../navigation/router.ts';
import type { ErrorAction } from '../../parts/ErrorCard.tsx';
import { words } from '../../words/words.ts';

/** Actions for an error of a Hub route, the likeliest first. `pageUrl` is the model's page, where it is known. */
export function hubErrorActions(error: AppError, retry: () => void, pageUrl: string | null): readonly ErrorAction[] {
  const again: ErrorAction = { label: words.ui.tryAgain, run: retry };
  switch (error.code) {
    case 'hub.unauthorized':
      return [{ label: words.discover.errorActions.openSettings, run: () => navigate({ screen: 'settings' }) }, again];
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
      return [{ label: words.discover.errorActions.chooseFolder, run: () => navigate({ screen: 'settings' }) }, again];
    default:
      return [again];
  }
}

/** In a new tab, or in the system's browser after the desktop shell's check of outside addresses. */
function openPage(pageUrl: string): void {
  if (/^https?:\/\//.test(pageUrl)) window.open(pageUrl, '_blank', 'noreferrer');
}
