import type { ServerState } from '../../../../preload/contract/server.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { NowCard } from './NowCard.tsx';
import { RequestLog } from './RequestLog.tsx';
import { useActivity } from './use-activity.ts';
import './activity.css';

/** What the server does now, and its log. */
export function ActivityTab({ server }: { readonly server: ServerState }) {
  const { value, error, retry } = useActivity();
  if (!value) return error ? <ErrorCard error={error} onRetry={retry} /> : <Skeleton lines={6} />;
  return (
    <>
      <NowCard load={value.load} />
      <RequestLog requests={value.requests} server={server} />
    </>
  );
}
