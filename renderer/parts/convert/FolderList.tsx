/** The list of folders, for a browser tab: the frame holds it above the screens. */
import { FolderPicker } from '../storage/FolderPicker.tsx';
import { words } from '../../words/words.ts';
import { closeFolderList, openFolder } from './folder-choice.ts';

export function FolderList() {
  return (
    <FolderPicker
      title={words.convert.folderTitle}
      text={words.convert.folderText}
      confirm={words.convert.folderUse}
      onUse={({ folderId, path }) => openFolder(folderId, path)}
      onClose={closeFolderList}
    />
  );
}
