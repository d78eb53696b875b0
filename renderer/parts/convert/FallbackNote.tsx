/** Says which of the shown types most tensors do not get, so that equal sizes are understood. */
import type { ConversionOutput } from '../../../preload/contract/convert.ts';
import { formatList } from '../../words/format.ts';
import { words } from '../../words/words.ts';

export function FallbackNote({ outputs }: { readonly outputs: readonly ConversionOutput[] }) {
  const types = outputs.filter(({ fallsBack }) => fallsBack).map(({ type }) => type);
  if (types.length === 0) return null;
  return <p className="secondary">{words.convert.fallsBack(formatList(types), types.length)}</p>;
}
