import { Fragment, useMemo } from 'react';
import { MessageText } from '../markdown/MessageText.tsx';
import { codePieces, type TextPiece } from '../markdown/user-code.ts';

const isBlock = (piece: TextPiece | undefined): boolean => piece?.kind === 'block' || piece?.kind === 'list';

/** A person's text as it was typed, with its code shown as code and its lists as lists. `isCut`: more of it follows, which is not shown. */
export function UserText({ text, isCut }: { text: string; isCut: boolean }): React.JSX.Element {
  const pieces = useMemo(() => codePieces(text, isCut), [text, isCut]);
  return (
    <>
      {pieces.map((piece, index) => {
        if (piece.kind === 'code') return <code key={index}>{piece.shown}</code>;
        if (isBlock(piece)) return <MessageText key={index} text={piece.text} typed />;
        // A block begins and ends its own lines.
        const after = isBlock(pieces[index - 1]);
        const before = isBlock(pieces[index + 1]);
        let shown = piece.shown;
        if (after) shown = shown.replace(/^\s*\n/, '');
        if (before) shown = shown.replace(/\n\s*$/, '');
        return <Fragment key={index}>{shown}</Fragment>;
      })}
    </>
  );
}
