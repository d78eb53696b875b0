import { ExternalLink, Lock } from 'lucide-react';
import type { HubModel } from '../../../preload/contract/hub.ts';
import { href } from '../../navigation/router.ts';
import { useLive } from '../../connection/live.ts';
import { Button, LinkButton } from '../../ui/controls/Button.tsx';
import { words } from '../../words/words.ts';

interface GatedNoticeProps {
  readonly repoId: string;
  readonly sentence: string;
  readonly access: HubModel['access'];
  readonly pageUrl: string;
  /** Asks the Hub again. */
  readonly onRetry: () => void;
}

/** How to get access to a gated model: the license first, then a token, which may replace one that is refused. */
export function GatedNotice({ repoId, sentence, access, pageUrl, onRetry }: GatedNoticeProps) {
  const settings = useLive('settings.watch', {}).value;
  const hasToken = settings?.hubToken.source !== 'none';
  return (
    <section className="models-gated" aria-label={words.discover.access}>
      <Lock size={16} aria-hidden />
      <div>
        <p>
          {sentence}
          {!hasToken && ` ${words.discover.tokenNeeded}`}
          {hasToken && access === 'refused' && ` ${words.discover.accessRefused}`}
        </p>
        <div className="row">
          <LinkButton href={pageUrl} external size="sm" icon={ExternalLink}>
            {words.discover.acceptOnHub}
          </LinkButton>
          <Button size="sm" onClick={onRetry}>
            {words.ui.tryAgain}
          </Button>
          <LinkButton href={href({ screen: 'settings', section: 'hub', forRepoId: repoId })} size="sm" variant="ghost">
            {hasToken ? words.discover.enterAnotherToken : words.discover.enterToken}
          </LinkButton>
        </div>
      </div>
    </section>
  );
}
