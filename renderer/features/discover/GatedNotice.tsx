import { ExternalLink, Lock } from 'lucide-react';
import { href } from '../../navigation/router.ts';
import { useLive } from '../../connection/live.ts';
import { Button, LinkButton } from '../../ui/Button.tsx';

interface GatedNoticeProps {
  readonly sentence: string;
  readonly pageUrl: string;
  /** Looks again, where nothing can be shown before access is given. */
  readonly onRetry?: () => void;
}

/** Says how one gets at a gated model: the licence first, then a token, which the notice asks for only where there is none. */
export function GatedNotice({ sentence, pageUrl, onRetry }: GatedNoticeProps) {
  const settings = useLive('settings.watch', {}).value;
  const hasToken = settings?.hubToken.source !== 'none';
  return (
    <section className="models-gated" aria-label="Access">
      <Lock size={16} aria-hidden />
      <div>
        <p>
          {sentence}
          {!hasToken && ' Then enter your access token in the settings, so that Hearth may download in your name.'}
        </p>
        <div className="row">
          <LinkButton href={pageUrl} external size="sm" icon={ExternalLink}>
            Accept on the Hub
          </LinkButton>
          {onRetry && (
            <Button size="sm" onClick={onRetry}>
              Try again
            </Button>
          )}
          {!hasToken && (
            <LinkButton href={href({ screen: 'settings' })} size="sm" variant="ghost">
              Enter a token
            </LinkButton>
          )}
        </div>
      </div>
    </section>
  );
}
