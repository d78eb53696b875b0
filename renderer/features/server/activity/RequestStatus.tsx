import { Unplug } from 'lucide-react';
import type { ApiRequest } from '../../../../preload/contract/server.ts';
import { Badge } from '../../../ui/display/Badge.tsx';
import { words } from '../../../words/words.ts';
import { isFailed } from './log.ts';

/** The phase of a running request, with a green dot; the status of one that has ended. */
export function RequestStatus({ request }: { readonly request: ApiRequest }) {
  const { phase, status, isHungUp } = request;
  if (phase !== 'ended') return <span className="server-live">{words.server.activity.phases[phase]}</span>;
  if (isHungUp)
    return (
      <Badge tone="amber" icon={Unplug}>
        {words.server.activity.hungUp}
      </Badge>
    );
  const code = status === null ? words.server.activity.hungUp : String(status);
  return isFailed(request) ? <Badge tone="red">{code}</Badge> : <span className="num secondary">{code}</span>;
}
