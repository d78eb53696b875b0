/** What can be shown of a code beside its text. */
export type PreviewKind = 'html' | 'svg' | 'mermaid';

/** Null where there is nothing to show. Longer sources are not shown: a message has no pages of that size. */
export function previewKindOf(language: string, code: string): PreviewKind | null {
  if (code.trim() === '' || code.length > 200_000) return null;
  switch (language.toLowerCase()) {
    case 'mermaid':
      return 'mermaid';
    case 'svg':
      return 'svg';
    case 'html':
    case 'htm':
    case 'xhtml':
      return 'html';
    case 'xml':
      return /^\s*(?:<\?xml[^>]*>\s*)?<svg[\s>]/i.test(code) ? 'svg' : null;
    default:
      return null;
  }
}
