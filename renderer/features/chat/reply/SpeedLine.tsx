import { useEffect, type ReactNode } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import { lengthOf } from '../../../../preload/contract/message-parts.ts';
import { Sparkline } from '../../../ui/display/Sparkline.tsx';
import { noteLength, samplesOf, speedCourse } from './speed-line.ts';
import { words } from '../../../words/words.ts';

/** Samples the length of a reply while it is written. */
export function useSpeedNotes(message: Message): void {
  const length = lengthOf(message);
  const writing = message.status === 'streaming';
  useEffect(() => {
    if (writing) noteLength(message.id, length, performance.now());
  }, [message.id, length, writing]);
}

/** Tokens per second over the course of a reply. Renders nothing for a reply that this window did not observe. */
export function SpeedLine({ message }: { message: Message }): ReactNode {
  const length = lengthOf(message);
  const { timing } = message;
  const course = speedCourse(samplesOf(message.id));
  if (!timing || length === 0 || course.length === 0) return null;
  const values = course.map((speed) => (speed * timing.generatedTokens) / length);
  return (
    <span className="chat-speed-line">
      <Sparkline
        values={values}
        width={64}
        height={14}
        label={words.conversation.speedRange(Math.min(...values), Math.max(...values))}
      />
    </span>
  );
}
