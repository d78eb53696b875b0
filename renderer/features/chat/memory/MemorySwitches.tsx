/** What the chat does when it outgrows its context, beside its context policy. */
import type { ChatMemory } from '../../../../preload/contract/memory.ts';
import { attempt } from '../../../connection/attempt.ts';
import { Switch } from '../../../ui/controls/Switch.tsx';
import { words } from '../../../words/words.ts';

export function MemorySwitches({ chatId, memory }: { chatId: string; memory: ChatMemory }): React.JSX.Element {
  const update = (change: { automatic?: boolean; findsAgain?: boolean }): void =>
    void attempt('memory.update', { chatId, ...change });
  return (
    <div className="stack">
      <Switch
        label={words.memory.automatic}
        hint={words.memory.automaticHint}
        checked={memory.automatic}
        onChange={(automatic) => update({ automatic })}
      />
      <Switch
        label={words.memory.findsAgain}
        hint={words.memory.findsAgainHint}
        checked={memory.findsAgain}
        onChange={(findsAgain) => update({ findsAgain })}
      />
    </div>
  );
}
