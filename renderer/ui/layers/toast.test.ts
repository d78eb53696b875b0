import { describe, expect, it } from 'vitest';
import { dismissSubject, toast, toasts } from './toast.ts';

const texts = (): string[] => toasts.get().map(({ text }) => text);

describe('a notice of a subject', () => {
  it('takes the place of the one before, and leaves the others', () => {
    toast({ text: 'Copied' });
    toast({ text: 'Converting A', subject: 'a' });
    toast({ text: 'Converting B', subject: 'b' });
    toast({ text: 'A is on this computer', subject: 'a' });
    expect(texts()).toEqual(['Copied', 'Converting B', 'A is on this computer']);
  });

  it('is removed where it is told elsewhere', () => {
    dismissSubject('b');
    dismissSubject(undefined);
    expect(texts()).toEqual(['Copied', 'A is on this computer']);
  });
});
