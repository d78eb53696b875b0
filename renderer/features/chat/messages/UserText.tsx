import { Fragment, useMemo } from 'react';
import { MessageText } from '../markdown/MessageText.tsx';
import { codePieces } from '../markdown/user-code.ts';

/** A person's text as it was typed, with its code shown as code. `isCut`: more of it follows, which is not shown. */
export function UserText({ text, isCut }: { text: string; isCut: boolean }): React.JSX.Element {
  const pieces = useMemo(() => codePieces(text, isCut), [text, isCut]);
  return (
    <>
      {pieces.map((piece, index) => {
        if (piece.kind === 'code') return <code key={index}>{piece.shown}</code>;
        if (piece.kind === 'block') return <MessageText key={index} text={piece.text} />;
        // A block begins and ends its own lines.
        const after = pieces[index - 1]?.kind === 'block';
        const before = pieces[index + 1]?.kind === 'block';
        let shown = piece.shown;
        if (after) shown = shown.replace(/^\s*\n/, '');
        if (before) shown = shown.replace(/\n\s*$/, '');
        return <Fragment key={index}>{shown}</Fragment>;
      })}
    </>
  );
}
