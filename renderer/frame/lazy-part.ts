import { link } from '../connection/api.ts';

/**
 * Loads a part of the page's code. Without a connection to the app nothing is wrong with the part: then the page is loaded
 * again once the app is back, because a browser keeps the failure of a module for the life of a page. Drafts are stored.
 */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    // The part may fail before the loss is noticed: a call tells.
    const isThere = await link.client.call('system.info', {}).then(
      () => true,
      () => false,
    );
    if (isThere) throw error;
    await connected();
    window.location.reload();
    return await new Promise<never>(() => undefined);
  }
}

function connected(): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      if (link.connection() !== 'connected') return;
      leave();
      resolve();
    };
    const leave = link.subscribe(settle);
    settle();
  });
}
