/** Where the links of a model card may lead. The card is written by strangers. */

/**
 * The address that a link of the card goes to: http, https or mailto as they are, a path relative to the repository's files
 * on the Hub. Null for everything else, an anchor within the card among it (the hash is the page's own route).
 */
export function cardLink(target: string | undefined, pageUrl: string): string | null {
  if (target === undefined || target === '' || target.startsWith('#')) return null;
  try {
    const url = new URL(target, `${pageUrl}/blob/main/`);
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
