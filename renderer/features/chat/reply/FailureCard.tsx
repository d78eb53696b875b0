/** The failure of a reply, and the action that fixes it; further actions are folded. */
import {
  ArrowRight,
  Box,
  Cpu,
  Download,
  MessageSquarePlus,
  Pencil,
  RotateCw,
  Settings,
  type LucideIcon,
} from 'lucide-react';
import { LoadSettingsIcon } from '../../../parts/icons.ts';
import type { Message } from '../../../../preload/contract/chat.ts';
import { canContinue } from '../../../../preload/contract/continuing.ts';
import { isBlank } from '../../../../preload/contract/message-parts.ts';
import type { ErrorBody } from '../../../../preload/wire/errors.ts';
import { openLoadSettings } from '../../../navigation/load-sheet.ts';
import { navigate } from '../../../navigation/router.ts';
import { attempt } from '../../../connection/attempt.ts';
import { useLive } from '../../../connection/live.ts';
import { downloadAgain, unloadModel } from '../../../parts/models/model-actions.ts';
import { ErrorCard, type ErrorAction } from '../../../parts/ErrorCard.tsx';
import { failureTitle } from './failure-title.ts';
import { failureActions, type FailureAction } from './failure-actions.ts';
import { useCanGrow } from './use-can-grow.ts';
import type { MessageActions } from '../messages/message-actions.ts';
import { words } from '../../../words/words.ts';

const icons: Record<FailureAction, LucideIcon> = {
  retry: RotateCw,
  continue: ArrowRight,
  plain_form: RotateCw,
  roll: RotateCw,
  edit_message: Pencil,
  free_memory: Cpu,
  load_settings: LoadSettingsIcon,
  smaller_file: Download,
  download_again: Download,
  choose_model: Box,
  models: Box,
  settings: Settings,
  provider_settings: Settings,
  new_chat: MessageSquarePlus,
};

/** The actions that start a reply. */
const writesAgain: ReadonlySet<FailureAction> = new Set([
  'retry',
  'continue',
  'plain_form',
  'roll',
  'edit_message',
  'free_memory',
]);

export function FailureCard({
  message,
  error,
  busy,
  isFirst,
  actions,
}: {
  message: Message;
  error: ErrorBody;
  /** Another reply is being written in this chat, so that none can start. */
  busy: boolean;
  /** The reply answers the first message of the chat. */
  isFirst: boolean;
  actions: MessageActions;
}): React.JSX.Element {
  const loaded = useLive('engine.watch', {}).value?.loaded ?? [];
  const models = useLive('library.watch', {}).value?.models ?? [];
  const { chatId, modelId } = message;
  const model = models.find((one) => one.id === modelId);
  const canGrow = useCanGrow(error, model);
  const others = loaded.filter((one) => one.modelId !== modelId && one.status === 'ready');

  // A complete reply with an error could not be stored: writing it again would not help.
  const whole = message.status === 'complete' || message.status === 'stopped';
  const kept = !isBlank(message);
  const names = whole
    ? []
    : failureActions(error, {
        canContinue: canContinue(message),
        othersLoaded: others.length > 0,
        modelIsHere: model?.problem === null,
        isFirst,
        canGrow,
        fromHub: model?.origin === 'hub',
      });

  const run = async (name: FailureAction): Promise<void> => {
    switch (name) {
      case 'continue':
        return actions.continue(message.id);
      case 'retry':
      case 'plain_form':
        return actions.regenerate(message.id);
      case 'roll':
        if (await attempt('chat.update', { chatId, contextPolicy: 'roll' })) actions.regenerate(message.id);
        return;
      case 'edit_message':
        return actions.startEditing(message.parentId);
      case 'free_memory': {
        // One after another: each may ask.
        for (const one of others) if (!(await unloadModel(one.modelId))) return;
        return actions.regenerate(message.id);
      }
      case 'load_settings':
        if (modelId !== null) openLoadSettings(modelId);
        return;
      case 'download_again':
        return model && downloadAgain(model);
      case 'smaller_file':
        return navigate({ screen: 'models', tab: 'discover', repoId: model?.repoId ?? null });
      case 'choose_model':
        return actions.chooseModel();
      case 'models':
        return navigate({ screen: 'models', tab: 'local', repoId: null });
      case 'settings':
        return navigate({ screen: 'settings', section: 'folder' });
      case 'provider_settings':
        return navigate({ screen: 'settings', section: 'elsewhere' });
      case 'new_chat':
        return actions.newChat();
      default:
        return name satisfies never;
    }
  };
  const title = failureTitle(error, message);
  const [first, ...more] = names.map((name): ErrorAction => ({
    label: words.failure.actions[name],
    run: () => void run(name),
    icon: icons[name],
    // It keeps its place, so that no other action comes under the pointer meanwhile.
    disabled: busy && writesAgain.has(name),
  }));
  return (
    <div className="chat-ending">
      <ErrorCard
        error={error}
        compact
        actions={first ? [{ ...first, primary: true }] : []}
        more={more}
        {...(title === undefined ? {} : { title })}
      />
      {kept && !whole ? <p className="chat-ending-words">{words.failure.kept}</p> : null}
    </div>
  );
}
