/** A reply of which nothing is there yet: how far the model's load is, then that it reads. */
import type { Message } from '../../../preload/contract/chat.ts';
import { useLive } from '../../connection/live.ts';
import { formatPercent } from '../../words/format.ts';
import { ProgressBar } from '../../ui/ProgressBar.tsx';

export function WaitingReply({ message }: { message: Message }): React.JSX.Element {
  const engine = useLive('engine.watch', {});
  const loading = engine.value?.loaded.find((model) => model.modelId === message.modelId && model.status === 'loading');
  if (!loading) {
    return (
      <p className="chat-waiting" role="status">
        <span className="chat-pulse" aria-hidden="true" />
        Thinking…
      </p>
    );
  }
  return (
    <div className="chat-loading">
      <p className="num">
        {loading.progress < 1
          ? `Loading ${loading.name}… ${formatPercent(loading.progress)}`
          : `Getting ${loading.name} ready…`}
      </p>
      <ProgressBar value={loading.progress < 1 ? loading.progress : null} label={`Loading ${loading.name}`} size="sm" />
    </div>
  );
}
