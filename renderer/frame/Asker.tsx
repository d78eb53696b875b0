import type { ReactNode } from 'react';
import { useQuestion } from '../navigation/ask.ts';
import { Button } from '../ui/controls/Button.tsx';
import { Dialog } from '../ui/layers/Dialog.tsx';
import { words } from '../words/words.ts';

/** The question of `ask`. */
export function Asker(): ReactNode {
  const question = useQuestion();
  if (!question) return null;
  return (
    <Dialog
      open
      onOpenChange={() => question.answer(false)}
      title={question.title}
      description={question.text}
      size="sm"
      footer={
        <>
          <Button variant="ghost" onClick={() => question.answer(false)}>
            {words.ui.cancel}
          </Button>
          <Button variant="primary" onClick={() => question.answer(true)}>
            {question.confirm}
          </Button>
        </>
      }
    />
  );
}
