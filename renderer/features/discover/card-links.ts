/** The allowed targets of links in a model card, which is untrusted. */

/**
 * The address for a link in the card: http, https and mailto unchanged, a relative path as a file of the repository on
 * the Hub. Null for everything else. Anchors are refused too, because the hash is the page's own route.
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
