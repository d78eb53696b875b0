/** A reply before its first token: the progress of the model's load, then that it thinks. */
import type { Message } from '../../../../preload/contract/chat.ts';
import { useLive } from '../../../connection/live.ts';
import { formatPercent } from '../../../words/format.ts';
import { ProgressBar } from '../../../ui/display/ProgressBar.tsx';
import { words } from '../../../words/words.ts';

export function WaitingReply({ message }: { message: Message }): React.JSX.Element {
  const engine = useLive('engine.watch', {});
  const loading = engine.value?.loaded.find((model) => model.modelId === message.modelId && model.status === 'loading');
  if (!loading) {
    return (
      <p className="chat-waiting" role="status">
        <span className="chat-pulse" aria-hidden="true" />
        {words.conversation.thinking}
      </p>
    );
  }
  return (
    <div className="chat-loading">
      <p className="num">
        {loading.progress < 1
          ? words.conversation.loading(loading.name, formatPercent(loading.progress))
          : words.conversation.preparing(loading.name)}
      </p>
      <ProgressBar
        value={loading.progress < 1 ? loading.progress : null}
        label={words.ui.loadingModel(loading.name)}
        size="sm"
      />
    </div>
  );
}
