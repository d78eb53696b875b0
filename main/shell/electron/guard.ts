/** What no page in any window may do: leave, open windows, attach web views, ask for devices. */
import { shell, type Event, type Session, type WebContents } from 'electron';
import { externalAddress } from './external-address.ts';
import { isPageAddress, PAGE_ORIGIN } from './page-protocol.ts';

/** Opens a web or mail address in the system's program for it. Anything else is dropped. The only way out of the app. */
export async function openExternalSafe(address: string): Promise<void> {
  const safe = externalAddress(address);
  // eslint-disable-next-line no-restricted-syntax -- the one checked call that the rule asks for
  if (safe !== null) await shell.openExternal(safe);
}

/** Copying is the one permission that a feature needs (the copy buttons), and only the page's own origin has it. */
function isGranted(permission: string, origin: string): boolean {
  return permission === 'clipboard-sanitized-write' && origin.replace(/\/$/, '') === PAGE_ORIGIN;
}

/** Denies every permission, device and download of a session except writing text to the clipboard. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    const { protocol, host } = URL.parse(details.requestingUrl) ?? { protocol: '', host: '' };
    callback(details.isMainFrame && isGranted(permission, `${protocol}//${host}`));
  });
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin) =>
    isGranted(permission, requestingOrigin),
  );
  session.setDevicePermissionHandler(() => false);
  // Models come through the hub module, which verifies them; a page's download would land unchecked beside them.
  session.on('will-download', (event) => event.preventDefault());
}

/** Applies to every web contents that is ever made, whoever makes it. */
export function guardContents(contents: WebContents): void {
  const stay = (details: Event<{ url: string; isMainFrame: boolean }>): void => {
    // The page has no frames, so one that navigates is not ours.
    if (!details.isMainFrame || !isPageAddress(details.url)) details.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openExternalSafe(url).catch(() => {}); // no program for it on this system
    return { action: 'deny' };
  });
}
