/** Windows refuses to open addresses beyond about 2 KB, and no legitimate link is longer. */
const MAX_CHARS = 2048;

/**
 * The address in a form that is safe to open in the system's browser or mail program; null when there is none. Only http, https and
 * mailto are allowed, because other schemes can start programs with arguments that the page chose.
 */
export function externalAddress(text: string): string | null {
  const url = text.length <= MAX_CHARS ? URL.parse(text) : null;
  switch (url?.protocol) {
    case 'http:':
    case 'https:':
      // A user name makes an address look like another one: https://huggingface.co@example.org.
      return url.hostname === '' || url.username !== '' || url.password !== '' ? null : url.href;
    case 'mailto:':
      // Without the other fields: some mail programs attach local files when a field asks for it.
      return `mailto:${url.pathname}`;
    default:
      return null;
  }
}
