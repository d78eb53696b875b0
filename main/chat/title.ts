/** Names a chat after its first message. */

const MAX_TITLE_CHARS = 60;

/** The first line of `text` in at most 60 characters, cut at a word where there is one. Never empty. */
export function titleFrom(text: string): string {
  const line =
    text
      .split('\n')
      .map((part) => part.replace(/\s+/g, ' ').trim())
      .find((part) => part !== '') ?? '';
  if (line === '') return 'New chat';
  const characters = [...line];
  if (characters.length <= MAX_TITLE_CHARS) return line;
  const cut = characters.slice(0, MAX_TITLE_CHARS).join('');
  const lastSpace = cut.lastIndexOf(' ');
  return `${(lastSpace > MAX_TITLE_CHARS / 2 ? cut.slice(0, lastSpace) : cut).trimEnd()}…`;
}
