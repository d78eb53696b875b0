/** Everything that is known of one request. */
import { CircleStop } from 'lucide-react';
import type { ApiRequest } from '../../../../preload/contract/server.ts';
import type { ErrorBody } from '../../../../preload/wire/errors.ts';
import { useDeveloperMode } from '../../../parts/developer-mode.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { CopyIconButton } from '../../../ui/controls/CopyButton.tsx';
import { Sheet } from '../../../ui/layers/Sheet.tsx';
import { formatMoment, formatPercent, formatTokensPerSecond } from '../../../words/format.ts';
import { wordsFor } from '../../../words/error-words.ts';
import { words } from '../../../words/words.ts';
import { durationOf } from './request-words.ts';
import { RequestStatus } from './RequestStatus.tsx';

interface RequestSheetProps {
  readonly request: ApiRequest;
  /** Whether contents are kept from now on. */
  readonly keepsContents: boolean;
  readonly onKeepContents: () => void;
  readonly onEnd: (id: string) => void;
  readonly onClose: () => void;
}

export function RequestSheet({ request, keepsContents, onKeepContents, onEnd, onClose }: RequestSheetProps) {
  const { activity } = words.server;
  const { error } = request;
  const isDeveloper = useDeveloperMode();
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()} title={activity.details} width={460}>
      <div className="server-request">
        <p className="server-request-head">
          <code className="mono">
            {request.method} {request.path}
          </code>
          <RequestStatus request={request} />
        </p>
        {error === null ? null : (
          <div className="server-told">
            <strong>{activity.told}</strong>
            <p className="mono">{error.message}</p>
            {isRefusal(error) ? <p>{wordsFor(error).text}</p> : null}
          </div>
        )}
        {request.isHungUp ? <p className="secondary">{activity.hungUpText}</p> : null}
        <dl className="server-facts">
          {factsOf(request).map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="num">{value}</dd>
            </div>
          ))}
        </dl>
        {request.phase === 'ended' ? null : (
          <div>
            <Button size="sm" icon={CircleStop} onClick={() => onEnd(request.id)}>
              {activity.endShort}
            </Button>
          </div>
        )}
        {request.sent === null && request.answered === null ? (
          isDeveloper && (
            <div className="server-no-contents">
              <p className="secondary">{activity.noContents}</p>
              {keepsContents ? null : (
                <Button size="sm" onClick={onKeepContents}>
                  {activity.keepFromNow}
                </Button>
              )}
            </div>
          )
        ) : (
          <>
            <Content title={activity.sent} text={request.sent} />
            <Content title={activity.answered} text={request.answered} />
          </>
        )}
      </div>
    </Sheet>
  );
}

/** What the server itself refuses is mended here; the page's words for other errors are about its own acts. */
const isRefusal = ({ code, data }: ErrorBody): boolean =>
  (code === 'unauthorized' || code === 'busy') && typeof data?.['reason'] === 'string';

function Content({ title, text }: { readonly title: string; readonly text: string | null }) {
  if (text === null || text === '') return null;
  return (
    <section className="stack" aria-label={title}>
      <header className="server-content-head">
        <h3>{title}</h3>
        <CopyIconButton label={words.ui.copy} text={() => text} />
      </header>
      <pre className="code-box server-content" tabIndex={0} role="group" aria-label={title}>
        {indented(text)}
      </pre>
    </section>
  );
}

/** JSON is easier to read with its levels indented; anything else stays as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function factsOf(request: ApiRequest): readonly { readonly name: string; readonly value: string }[] {
  const { activity } = words.server;
  const { facts } = activity;
  const { promptTokens, reusedTokens, tokensPerSecond, endReason } = request;
  const reused =
    reusedTokens === null || promptTokens === null || promptTokens === 0
      ? ''
      : activity.reusedOf(reusedTokens, formatPercent(reusedTokens / promptTokens));
  const all: readonly (readonly [string, string])[] = [
    [facts.time, formatMoment(request.at)],
    [facts.program, request.program],
    [facts.key, request.keyName ?? facts.noKey],
    [facts.dialect, activity.dialects[request.dialect]],
    [facts.model, request.modelId ?? ''],
    [facts.prompt, promptTokens === null ? '' : activity.tokens(promptTokens)],
    [facts.reused, reused],
    [facts.generated, request.generatedTokens === 0 ? '' : activity.tokens(request.generatedTokens)],
    [facts.speed, tokensPerSecond === null ? '' : formatTokensPerSecond(tokensPerSecond)],
    [facts.queued, durationOf(request.queuedMs)],
    [facts.loaded, durationOf(request.loadMs)],
    [facts.first, durationOf(request.firstTokenMs)],
    [facts.total, durationOf(request.totalMs)],
    [facts.end, endReason === null ? '' : (activity.endReasons[endReason] ?? endReason)],
  ];
  return all.filter(([, value]) => value !== '').map(([name, value]) => ({ name, value }));
}
