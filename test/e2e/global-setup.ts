import chromium from '@sparticuz/chromium';

/** Unpacks Chromium once, before test files that run at the same time would both do it. */
export default async function setup(): Promise<void> {
  await chromium.executablePath();
}
