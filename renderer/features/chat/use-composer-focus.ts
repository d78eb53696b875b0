/** The field of the composer, which has the focus when a chat is opened. */
import { useCallback, useEffect, useRef, type RefObject } from 'react';
import { navigate } from '../../navigation/router.ts';

export interface ComposerFocus {
  readonly composer: RefObject<HTMLTextAreaElement | null>;
  readonly focusComposer: () => void;
  /** Opens a chat that is created with its first message. */
  readonly newChat: () => void;
}

/** Both functions stay the same between renders. */
export function useComposerFocus(chatId: string | null): ComposerFocus {
  const composer = useRef<HTMLTextAreaElement>(null);
  const focusComposer = useCallback(() => composer.current?.focus(), []);
  useEffect(() => {
    // A touch screen would open its keyboard over the conversation.
    if (window.matchMedia('(pointer: fine)').matches) focusComposer();
  }, [chatId, focusComposer]);
  const newChat = useCallback(() => {
    navigate({ screen: 'chat', chatId: null });
    focusComposer();
  }, [focusComposer]);
  return { composer, focusComposer, newChat };
}
