import type { ChatEvent } from '../../preload/contract/chat.ts';

/**
 * Passes on a chat's events. While they are read, the chat's model is kept from being unloaded for idleness by `keep`, which returns the
 * function that ends this.
 */
export async function* keepModel<E extends ChatEvent>(
  events: AsyncIterable<E>,
  keep: (modelId: string) => () => void,
): AsyncGenerator<E> {
  let kept: { readonly modelId: string; readonly release: () => void } | undefined;
  try {
    for await (const event of events) {
      const modelId = 'chat' in event ? event.chat.usesModelId : kept?.modelId;
      if (modelId !== undefined && modelId !== kept?.modelId) {
        kept?.release();
        kept = { modelId, release: keep(modelId) };
      }
      yield event;
    }
  } finally {
    kept?.release();
  }
}
