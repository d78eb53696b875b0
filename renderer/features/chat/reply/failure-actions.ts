/** The actions that fix a failed reply, by error. */
import { replyReserveTokens } from '../../../../preload/contract/defaults.ts';
import type { ErrorBody } from '../../../../preload/wire/errors.ts';

export type FailureAction =
  /** Write the reply again. */
  | 'retry'
  /** Go on from the text that is kept of the reply. */
  | 'continue'
  /** Write the reply again; after a failed template, main uses the plain prompt format. */
  | 'plain_form'
  /** Leave out the oldest messages from now on, and write the reply. */
  | 'roll'
  /** Open the editor of the message that the reply answers. */
  | 'edit_message'
  /** Unload the other models, and write the reply. */
  | 'free_memory'
  /** Open the load settings: a smaller context size, fewer layers, a smaller KV cache type. */
  | 'load_settings'
  /** Open the model's page on the Hub, for a smaller quantization. */
  | 'smaller_file'
  /** Download the damaged or incomplete model again. */
  | 'download_again'
  | 'choose_model'
  | 'models'
  | 'settings'
  /** Open the settings of servers elsewhere. */
  | 'provider_settings'
  | 'new_chat';

export interface FailurePlace {
  /** The reply has text to go on from. */
  readonly canContinue: boolean;
  /** Other models are in memory and could be unloaded. */
  readonly othersLoaded: boolean;
  /** The model of the reply is on this computer. */
  readonly modelIsHere: boolean;
  /** The reply answers the first message of the chat, so there is no older message to leave out. */
  readonly isFirst: boolean;
  /** After a prompt that did not fit: the model and the memory allow a context in which it does. */
  readonly canGrow: boolean;
  /** The model came from the Hub, where there may be smaller files of it. */
  readonly fromHub: boolean;
}

/** At least one action, the likeliest to help first. The first is shown, the others are folded behind it. */
export function failureActions(error: ErrorBody, place: FailurePlace): readonly FailureAction[] {
  const further: readonly FailureAction[] = place.canContinue ? ['continue'] : [];
  const load: readonly FailureAction[] = place.modelIsHere ? ['load_settings'] : [];
  switch (error.code) {
    case 'engine.context_full': {
      const larger = place.canGrow ? load : [];
      return canLeaveOut(error, place) ? ['roll', ...larger, 'new_chat'] : ['edit_message', ...larger, 'choose_model'];
    }
    case 'engine.out_of_memory':
      return [
        ...(place.othersLoaded ? (['free_memory'] as const) : []),
        ...load,
        place.fromHub ? 'smaller_file' : 'choose_model',
        ...further,
      ];
    case 'engine.start_failed':
    case 'engine.crashed':
      return [...further, 'retry', ...load, 'choose_model'];
    case 'model.missing':
      return ['choose_model', 'models'];
    case 'model.corrupt':
      return [...(place.fromHub ? (['download_again'] as const) : []), 'choose_model', 'retry'];
    case 'model.unsupported':
      return ['choose_model', 'retry'];
    case 'template.invalid':
      return ['plain_form', 'choose_model'];
    case 'disk.full':
      return ['models', 'retry'];
    case 'disk.denied':
      return ['settings', 'retry'];
    case 'remote.unreachable':
    case 'remote.bad_response':
      return [...further, 'retry', 'provider_settings', 'choose_model'];
    case 'unauthorized':
      return ['provider_settings', 'retry', 'choose_model'];
    case 'invalid_input':
    case 'engine.not_loaded':
    case 'busy':
    case 'internal':
    case 'cancelled':
    case 'disconnected':
    case 'unsupported':
    case 'not_found':
    case 'network.proxy':
    case 'network.portal':
    case 'hub.offline':
    case 'hub.unauthorized':
    case 'hub.gated':
    case 'hub.not_found':
    case 'hub.rate_limited':
    case 'hub.bad_response':
    case 'hub.hash_mismatch':
    case 'hub.unsafe_name':
    case 'cache.locked':
    case 'convert.unsupported':
    case 'convert.invalid':
    case 'tokenizer.invalid':
    case 'store.newer_schema':
    case 'store.corrupt':
    case 'store.in_use':
      return [...further, 'retry'];
    default:
      return error.code satisfies never;
  }
}

/**
 * Whether the reply fits without the oldest messages. Under every policy but `stop` they were left out already, and for
 * a message that is too long by itself main gives that reason.
 */
function canLeaveOut({ data }: ErrorBody, { isFirst }: FailurePlace): boolean {
  return !isFirst && data?.['policy'] === 'stop' && data['reason'] !== 'message_too_long';
}

/** The context in which a prompt that did not fit has room, and a reply besides; null where the model was not trained for as much. */
export function largerContext({ data }: ErrorBody, trainedContextSize: number | null): number | null {
  const neededTokens = data?.['neededTokens'];
  if (typeof neededTokens !== 'number' || trainedContextSize === null || neededTokens >= trainedContextSize)
    return null;
  // Counted from the larger context, the reserve is an eighth of it at most.
  return Math.min(trainedContextSize, neededTokens + replyReserveTokens(Math.ceil((neededTokens * 8) / 7)));
}
