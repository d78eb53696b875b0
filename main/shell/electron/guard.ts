/** The restrictions of every page in every window: no navigation, no new windows, no web views, no devices. */
import { shell, type Event, type Session, type WebContents } from 'electron';
import { externalAddress } from './external-address.ts';
import { isPageAddress, isPreviewAddress, PAGE_ORIGIN } from './page-protocol.ts';

/** Opens a web or mail address in the system's program, and ignores any other address. The app opens addresses only here. */
async function openExternalSafe(address: string): Promise<void> {
  const safe = externalAddress(address);
  // eslint-disable-next-line no-restricted-syntax -- the one checked call that the rule asks for
  if (safe !== null) await shell.openExternal(safe);
}

/** Writing to the clipboard, for the copy buttons, is the only permission, and only the page's own origin has it. */
function isGranted(permission: string, origin: string): boolean {
  return permission === 'clipboard-sanitized-write' && origin.replace(/\/$/, '') === PAGE_ORIGIN;
}

/** A text that the page itself has made, such as an export. Electron asks where to save it. */
const isOwnText = (address: string): boolean => address.startsWith(`blob:${PAGE_ORIGIN}/`);

/** Denies every permission, device and download of a session except writing text to the clipboard and saving the page's own texts. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    const { protocol, host } = URL.parse(details.requestingUrl) ?? { protocol: '', host: '' };
    callback(details.isMainFrame && isGranted(permission, `${protocol}//${host}`));
  });
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin) =>
    isGranted(permission, requestingOrigin),
  );
  session.setDevicePermissionHandler(() => false);
  // Models are downloaded by the hub module, which verifies them. A download by the page would not be verified.
  session.on('will-download', (event, item) => {
    if (!isOwnText(item.getURL())) event.preventDefault();
  });
}

/** Restricts all web contents that are created from now on. */
export function guardContents(contents: WebContents): void {
  const stay = (details: Event<{ url: string; isMainFrame: boolean }>): void => {
    // The page has one kind of frame, which shows code of a message and goes nowhere else.
    if (!(details.isMainFrame ? isPageAddress : isPreviewAddress)(details.url)) details.preventDefault();
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
