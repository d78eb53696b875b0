/** What is to be said of several outputs at once: which of them gain little, and how far their speeds are to be trusted. */
import type { ConversionOutput } from '../../../preload/contract/convert.ts';
import { formatList } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { speedNote } from './outputs.ts';
import './convert-parts.css';

export function OutputNotes({ outputs }: { readonly outputs: readonly ConversionOutput[] }) {
  const types = outputs.filter(({ fallsBack }) => fallsBack).map(({ type }) => type);
  const speed = speedNote(outputs);
  if (types.length === 0 && speed === null) return null;
  return (
    <div className="convert-notes secondary">
      {types.length > 0 && <p>{words.convert.fallsBack(formatList(namesOf(types)), types.length)}</p>}
      {speed !== null && <p>{words.convert.speedNotes[speed]}</p>}
    </div>
  );
}

/** More names than these tell nothing. */
const MAX_NAMES = 4;

const namesOf = (types: readonly string[]): readonly string[] =>
  types.length <= MAX_NAMES + 1
    ? types
    : [...types.slice(0, MAX_NAMES), words.convert.otherTypes(types.length - MAX_NAMES)];
