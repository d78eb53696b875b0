/** The numbers of a message's footnotes, for all of its blocks. */
import { createContext } from 'react';

export interface Numbers {
  /** What the ids of the message's elements begin with. */
  readonly id: string;
  readonly of: ReadonlyMap<string, number>;
}

export const NoteNumbers = createContext<Numbers>({ id: '', of: new Map() });

export const noteId = (id: string, number: number): string => `${id}note-${number}`;
export const referenceId = (id: string, number: number): string => `${id}to-note-${number}`;
