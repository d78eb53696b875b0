/** The bar above the conversation. */
import { MessagesSquare } from 'lucide-react';
import { InspectorIcon } from '../../parts/icons.ts';
import { useKeyOf } from '../../navigation/keymap.ts';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { titleOf } from './actions.ts';
import { ElsewhereMark } from './composer/ElsewhereMark.tsx';
import { ModelPicker } from './composer/ModelPicker.tsx';
import type { OpenChat } from './use-open-chat.ts';
import { words } from '../../words/words.ts';

interface ChatTopProps {
  readonly open: OpenChat;
  /** Null where the list is visible beside the conversation. */
  readonly onShowList: (() => void) | null;
  readonly onChooseModel: (modelId: string) => void;
  readonly pickerOpen: boolean;
  readonly onPickerOpenChange: (open: boolean) => void;
  readonly inspectorOpen: boolean;
  readonly onToggleInspector: () => void;
}

export function ChatTop(props: ChatTopProps): React.JSX.Element {
  const { open, onShowList, onChooseModel, pickerOpen, onPickerOpenChange, inspectorOpen, onToggleInspector } = props;
  const inspectorKey = useKeyOf('chat.inspector');
  return (
    <header className="chat-top">
      {onShowList ? <IconButton label={words.chat.chats} icon={MessagesSquare} onClick={onShowList} /> : null}
      {open.removed ? null : (
        <>
          <ModelPicker
            models={open.models ?? []}
            servers={open.servers ?? []}
            choice={open.choice}
            onChoose={onChooseModel}
            open={pickerOpen}
            onOpenChange={onPickerOpenChange}
          />
          {open.choice.state === 'elsewhere' ? <ElsewhereMark model={open.choice.model} /> : null}
          <h1 className="chat-title">
            <span className="truncate">
              <bdi>{titleOf(open.chat ?? open.summary ?? { title: '' })}</bdi>
            </span>
          </h1>
          <IconButton
            label={words.chat.inspector}
            icon={InspectorIcon}
            className="flip-rtl"
            shortcut={inspectorKey}
            pressed={inspectorOpen}
            onClick={onToggleInspector}
          />
        </>
      )}
    </header>
  );
}
