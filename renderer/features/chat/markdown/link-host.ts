/** The host of a link whose text is the address of another host, in parentheses; null where the text claims nothing else. */
export function otherHost(href: string, text: string): string | null {
  const said = /^(?:https?:\/\/)?((?:[\w-]+\.)+[a-z]{2,})(?:[/?#:]|$)/i.exec(text.trim())?.[1];
  const host = URL.canParse(href) ? new URL(href).host : '';
  return said === undefined || host === '' || said.toLowerCase() === host ? null : ` (${host})`;
}
