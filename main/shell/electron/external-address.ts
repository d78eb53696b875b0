/** Longer addresses are refused by the systems' own openers at about 2 KB (Windows) and mean nothing good elsewhere. */
const MAX_CHARS = 2048;

/**
 * The address as it may be handed to the system's browser or mail program, or null. Only http, https and mailto ever pass; every
 * other scheme can start a program with arguments that the page chose.
 */
export function externalAddress(text: string): string | null {
  const url = text.length <= MAX_CHARS ? URL.parse(text) : null;
  switch (url?.protocol) {
    case 'http:':
    case 'https:':
      // A name before the host makes an address look like another one: https://huggingface.co@example.org.
      return url.hostname === '' || url.username !== '' || url.password !== '' ? null : url.href;
    case 'mailto:':
      // Only the address: some mail programs attach local files when a link's fields say so.
      return `mailto:${url.pathname}`;
    default:
      return null;
  }
}
