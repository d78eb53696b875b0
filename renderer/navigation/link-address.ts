/** What an address of a link really says. */

export interface LinkAddress {
  readonly kind: 'web' | 'mail';
  /** As it will be opened. */
  readonly href: string;
  /** The address in three pieces: the host, and what stands before and after it. The whole of a mail address is its host. */
  readonly before: string;
  readonly host: string;
  readonly after: string;
  /** The host has letters beyond a to z, which are shown in their coded form. */
  readonly isPunycode: boolean;
}

/** As long as the desktop opens, too. */
const MAX_CHARS = 2048;

/**
 * The address of a link, or null where it may not be opened: only the web and mail, and no user name before the host, which makes an
 * address look like another one. Of a mail address the fields are left out, because some mail programs attach files that a field names.
 */
export function addressOf(href: string): LinkAddress | null {
  const url = href.length <= MAX_CHARS ? URL.parse(href) : null;
  switch (url?.protocol) {
    case 'http:':
    case 'https:': {
      if (url.hostname === '' || url.username !== '' || url.password !== '') return null;
      const before = `${url.protocol}//`;
      return {
        ...{ kind: 'web', href: url.href, before, host: url.host },
        after: url.href.slice(before.length + url.host.length),
        isPunycode: /(?:^|\.)xn--/.test(url.hostname),
      };
    }
    case 'mailto:':
      if (url.pathname === '') return null;
      return {
        ...{ kind: 'mail', href: `mailto:${url.pathname}`, before: 'mailto:', host: url.pathname, after: '' },
        isPunycode: /@(?:.*\.)?xn--/.test(url.pathname),
      };
    default:
      return null;
  }
}
