/** Two replies to the same message, side by side, or in tabs where there is no room for both. */
import { Check, Square } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import { isBlank } from '../../../../preload/contract/message-parts.ts';
import { useLive } from '../../../connection/live.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { Tabs } from '../../../ui/controls/Tabs.tsx';
import { useWidth } from '../../../ui/use-width.ts';
import { words } from '../../../words/words.ts';
import { nameElsewhere } from '../composer/model-choice.ts';
import { MessageItem } from '../messages/MessageItem.tsx';
import type { MessageActions } from '../messages/message-actions.ts';
import { differingSamplers } from './differing-samplers.ts';

interface ComparisonProps {
  readonly replies: readonly [Message, Message];
  /** A reply is being written in this chat. */
  readonly busy: boolean;
  readonly actions: MessageActions;
}

/** Below this width a column holds too few words in a line. */
const COLUMNS_FROM = 620;

const isWriting = ({ status }: Message): boolean => status === 'pending' || status === 'streaming';
const nameOf = ({ modelName }: Message): string =>
  modelName === null ? words.conversation.reply : nameElsewhere(modelName);

export function Comparison({ replies, busy, actions }: ComparisonProps): React.JSX.Element {
  const box = useRef<HTMLElement>(null);
  const width = useWidth(box);
  const [shownId, setShownId] = useState<string>(replies[0].id);
  const shown = replies.find(({ id }) => id === shownId) ?? replies[0];
  const side = (reply: Message): React.JSX.Element => (
    <Side key={reply.id} reply={reply} replies={replies} busy={busy} actions={actions} />
  );
  return (
    <section ref={box} className="chat-comparison" aria-label={words.versions.comparison}>
      {width === 0 || width >= COLUMNS_FROM ? (
        <div className="chat-comparison-columns">{replies.map(side)}</div>
      ) : (
        <Tabs
          label={words.versions.comparison}
          value={shown.id}
          onChange={setShownId}
          tabs={replies.map((reply, index) => ({
            value: reply.id,
            label: words.versions.side(index + 1, nameOf(reply)),
          }))}
        >
          {side(shown)}
        </Tabs>
      )}
    </section>
  );
}

function Side({ reply, replies, busy, actions }: ComparisonProps & { readonly reply: Message }): React.JSX.Element {
  const other = replies.find(({ id }) => id !== reply.id);
  const writing = isWriting(reply);
  return (
    <div className="chat-comparison-side">
      <p className="chat-comparison-sampling num">{samplingWords(reply, other)}</p>
      {waitsForOther(reply, other) ? <Waits modelId={reply.modelId} /> : null}
      <MessageItem
        message={reply}
        {...{ index: 0, count: 1, previousId: null, nextId: null }}
        busy={busy}
        isFirst={false}
        editing={false}
        marked={false}
        actions={actions}
      />
      <div className="chat-comparison-acts">
        <Button
          size="sm"
          icon={Check}
          aria-label={words.versions.keepNamed(nameOf(reply))}
          onClick={() => actions.keep(reply.id, nameOf(reply))}
        >
          {words.versions.keep}
        </Button>
        {writing ? (
          <Button size="sm" variant="ghost" icon={Square} onClick={() => actions.stopReply(reply.chatId, reply.id)}>
            {words.versions.stopOne}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

const waitsForOther = (reply: Message, other: Message | undefined): boolean =>
  isWriting(reply) && isBlank(reply) && other !== undefined && isWriting(other) && !isBlank(other);

/** Nothing while the model is being loaded: the reply itself tells of that. */
function Waits({ modelId }: { modelId: string | null }): React.JSX.Element | null {
  const loaded = useLive('engine.watch', {}).value?.loaded ?? [];
  if (loaded.some((model) => model.modelId === modelId && model.status === 'loading')) return null;
  return <p className="chat-comparison-waits">{words.versions.waits}</p>;
}

/** The samplers by which the two differ, with the values of this one. */
function samplingWords({ sampling }: Message, other: Message | undefined): string {
  if (sampling === null || other === undefined || other.sampling === null) return '';
  const differing = differingSamplers(sampling, other.sampling);
  return differing.length === 0 ? words.versions.sameSampling : differing.join(' · ');
}
