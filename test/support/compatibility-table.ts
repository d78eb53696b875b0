/** The tables of docs/hugging-face.md that say what is tested. `node test/support/compatibility-table.ts` prints them. */
import { architectures } from '../../main/convert/architectures/registry.ts';
import { hasGelu, readReference, referenceNames, type Reference } from './made-checkpoint.ts';

/** Rows with columns of equal width, as Prettier writes them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const quoted = (text: unknown): string => `\`${String(text)}\``;

/** The classes that are recognized, with the architecture of the GGUF file as the references have it. */
export function classesTable(): string {
  const named = referenceNames.map(readReference).map(({ config, metadata }) => ({
    className: String((config['architectures'] as unknown[])[0]),
    name: String(metadata['general.architecture']?.[1]),
  }));
  const rows = architectures.map(({ classes }) => [
    [...new Set(named.flatMap(({ className, name }) => (classes.includes(className) ? name : [])))]
      .map(quoted)
      .join(', '),
    classes.map(quoted).join(', '),
  ]);
  return table(
    ['architecture', 'classes in config.json'],
    rows.toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1)),
  );
}

/** By how much llama.cpp's logits, or the values of its vectors, may differ from those of transformers. */
export function toleranceOf(reference: Reference): number {
  if (reference.kind === 'embedding') return 0.005;
  return hasGelu(reference) ? 0.01 : 0.0001;
}

/** Every reference: what it is, how it is stored, and how closely llama.cpp computes it. */
export function testedTable(): string {
  const rows = referenceNames.map((name) => {
    const reference = readReference(name);
    const { config, metadata, stored } = reference;
    const dtypes = [...new Set(stored.map(({ dtype }) => dtype))].join(', ');
    const model = String(metadata['tokenizer.ggml.model']?.[1]);
    const pre = String(metadata['tokenizer.ggml.pre']?.[1]);
    return [
      name,
      quoted(metadata['general.architecture']?.[1]),
      String((config['architectures'] as unknown[])[0]),
      dtypes,
      model === 'gpt2' ? `${model}, ${pre}` : model,
      String(toleranceOf(reference)),
    ];
  });
  return table(['checkpoint', 'architecture', 'class', 'stored as', 'tokenizer', 'within'], rows);
}

if (import.meta.main) console.log(`${classesTable()}\n\n${testedTable()}`);
