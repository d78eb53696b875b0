/** The panels of the chat screen: which are open, and which have a column in a window of this width. */
import { useCallback, useState } from 'react';
import { recall, remember } from '../../navigation/memory.ts';
import { useMedia } from '../../ui/use-media.ts';

export interface ChatPanels {
  /** The list is a sheet; in wider windows it is a column. */
  readonly narrow: boolean;
  /** The inspector is a column; in narrower windows it is a sheet. */
  readonly wide: boolean;
  readonly listOpen: boolean;
  readonly setListOpen: (open: boolean) => void;
  /** Rises with each wish to search; 0: nobody wants to. */
  readonly searchAsked: number;
  /** Moves the focus to the search of the list, and opens the list where it is a sheet. */
  readonly searchChats: () => void;
  /** The chat whose title is being edited in the list. */
  readonly renamingId: string | null;
  readonly setRenamingId: (chatId: string | null) => void;
  /** Opens the title of the chat for editing, and the list where it is a sheet. */
  readonly rename: (chatId: string) => void;
  readonly inspectorOpen: boolean;
  readonly setInspectorOpen: (open: boolean) => void;
  readonly toggleInspector: () => void;
  readonly pickerOpen: boolean;
  readonly setPickerOpen: (open: boolean) => void;
  /** Opens the model picker. The function stays the same. */
  readonly chooseModel: () => void;
  /** The chat whose exact prompt is shown. */
  readonly promptOf: string | null;
  readonly setPromptOf: (chatId: string | null) => void;
}

export function useChatPanels(): ChatPanels {
  const narrow = useMedia('(max-width: 899.98px)');
  const wide = useMedia('(min-width: 1200px)');
  const [listOpen, setListOpen] = useState(false);
  const [searchAsked, setSearchAsked] = useState(0);
  const [renamingId, setRenamingId] = useState<string | null>(null);
  // The column stays as it was left; a sheet covers the conversation, so none is open at first.
  const [inspectorOpen, setInspectorOpenNow] = useState(() => wide && recall('inspector') === 'open');
  const setInspectorOpen = (open: boolean): void => {
    setInspectorOpenNow(open);
    if (wide) remember('inspector', open ? 'open' : 'closed');
  };
  const [pickerOpen, setPickerOpen] = useState(false);
  const [promptOf, setPromptOf] = useState<string | null>(null);
  const chooseModel = useCallback(() => setPickerOpen(true), []);
  return {
    narrow,
    wide,
    listOpen,
    setListOpen: (open) => {
      setListOpen(open);
      if (!open) setSearchAsked(0);
    },
    searchAsked,
    searchChats: () => {
      setListOpen(narrow);
      setSearchAsked((before) => before + 1);
    },
    renamingId,
    setRenamingId,
    rename: (chatId) => {
      setListOpen(narrow);
      setRenamingId(chatId);
    },
    inspectorOpen,
    setInspectorOpen,
    toggleInspector: () => setInspectorOpen(!inspectorOpen),
    pickerOpen,
    setPickerOpen,
    chooseModel,
    promptOf,
    setPromptOf,
  };
}
