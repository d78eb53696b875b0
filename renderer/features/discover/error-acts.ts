/** The act that mends what the Hub said no to. */
import type { AppError } from '../../../preload/wire/errors.ts';
import { navigate } from '../../navigation/router.ts';
import type { ErrorAct } from '../../parts/ErrorCard.tsx';

/** Acts for an error of a Hub route, the likeliest first. `pageUrl` is the model's page, where it is known. */
export function hubErrorActs(error: AppError, retry: () => void, pageUrl: string | null): readonly ErrorAct[] {
  const again: ErrorAct = { label: 'Try again', run: retry };
  switch (error.code) {
    case 'hub.unauthorized':
      return [{ label: 'Open settings', run: () => navigate({ screen: 'settings' }) }, again];
    case 'hub.gated':
      return pageUrl === null ? [again] : [{ label: 'Accept on the Hub', run: () => openPage(pageUrl) }, again];
    case 'disk.full':
      return [
        { label: 'Free up space', run: () => navigate({ screen: 'models', tab: 'storage', repoId: null }) },
        again,
      ];
    case 'disk.denied':
      return [{ label: 'Choose another folder', run: () => navigate({ screen: 'settings' }) }, again];
    default:
      return [again];
  }
}

/** In a new tab, or in the app's window through the shell's check of outside addresses. */
function openPage(pageUrl: string): void {
  if (/^https?:\/\//.test(pageUrl)) window.open(pageUrl, '_blank', 'noreferrer');
}
