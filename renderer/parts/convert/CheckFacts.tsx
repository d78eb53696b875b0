/** What the early check read of a checkpoint. */
import type { ConversionCheck } from '../../../preload/contract/convert.ts';
import { formatBytes, formatParameters } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { Facts, type Fact } from '../Facts.tsx';

/** `brief`: what the page around it does not say already. */
export function CheckFacts({ check, brief = false }: { readonly check: ConversionCheck; readonly brief?: boolean }) {
  const dtypes = Object.entries(check.dtypes)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name]) => name);
  const names = words.convert.facts;
  const more: readonly Fact[] = brief
    ? []
    : [
        {
          name: names.parameters,
          value: check.parameterCount === null ? null : formatParameters(check.parameterCount),
        },
        { name: names.dtypes, value: dtypes.length === 0 ? null : dtypes.join(', ') },
        { name: names.source, value: sourceWords(check) },
      ];
  return (
    <Facts
      facts={[
        { name: names.modelClass, value: check.modelClass },
        {
          name: names.tokenizer,
          value:
            check.tokenizer === null
              ? null
              : words.convert.tokenizer(check.tokenizer.model, check.tokenizer.pre, check.tokenizer.size),
        },
        {
          name: names.chatTemplate,
          value: check.hasChatTemplate ? words.convert.hasTemplate : words.convert.noTemplate,
        },
        {
          name: names.quantizedBy,
          value: check.quantizedBy === null ? null : words.convert.unpacked(check.quantizedBy),
        },
        ...more,
      ]}
    />
  );
}

function sourceWords({ sourceBytes, storedBytes }: ConversionCheck): string {
  const size = formatBytes(sourceBytes);
  if (storedBytes >= sourceBytes) return words.convert.sourceHere(size);
  return storedBytes > 0
    ? words.convert.sourcePartly(size, formatBytes(storedBytes))
    : words.convert.sourceRemote(size);
}
