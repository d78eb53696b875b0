/** What the model read before it wrote a reply, token by token, and whether that is known for sure. */
import { useState } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import type { SeenPrompt as Seen } from '../../../../preload/contract/chat-tree.ts';
import { attempt } from '../../../connection/attempt.ts';
import { useQuery } from '../../../connection/live.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { Button } from '../../../ui/controls/Button.tsx';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { Dialog } from '../../../ui/layers/Dialog.tsx';
import { words } from '../../../words/words.ts';
import { Prompt } from './ExactPrompt.tsx';

export function SeenPrompt({ message, onClose }: { message: Message; onClose: () => void }): React.JSX.Element {
  const prompt = useQuery('chat.seenPrompt', { messageId: message.id });
  const isUnloaded = prompt.status === 'error' && prompt.error.code === 'engine.not_loaded';
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.seenPrompt.title}
      description={words.seenPrompt.text}
      size="lg"
    >
      {isUnloaded ? <NotLoaded modelId={message.modelId ?? ''} onLoaded={prompt.retry} /> : null}
      {prompt.status === 'error' && !isUnloaded ? <ErrorCard error={prompt.error} onRetry={prompt.retry} /> : null}
      {prompt.status === 'loading' ? <Skeleton lines={8} label={words.prompt.reading} /> : null}
      {prompt.value ? (
        <>
          <p className="chat-seen-words">{certaintyOf(prompt.value)}</p>
          {prompt.value.isContinued ? <p className="chat-seen-words">{words.seenPrompt.continued}</p> : null}
          <Prompt pieces={prompt.value.pieces} contextSize={prompt.value.contextSize} />
        </>
      ) : null}
    </Dialog>
  );
}

function certaintyOf({ sameAsThen }: Seen): string {
  if (sameAsThen === null) return words.seenPrompt.unknown;
  return sameAsThen ? words.seenPrompt.same : words.seenPrompt.differs;
}

function NotLoaded({ modelId, onLoaded }: { modelId: string; onLoaded: () => void }): React.JSX.Element {
  const [loading, setLoading] = useState(false);
  const load = async (): Promise<void> => {
    setLoading(true);
    if (await attempt('engine.load', { modelId })) onLoaded();
    setLoading(false);
  };
  return (
    <div className="chat-seen-load">
      <p>{words.seenPrompt.notLoaded}</p>
      <Button variant="primary" loading={loading} onClick={() => void load()}>
        {words.seenPrompt.load}
      </Button>
    </div>
  );
}
