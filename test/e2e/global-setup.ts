import chromium from '@sparticuz/chromium';

/** Unpacks Chromium once, because test files that start at the same time would each do it. */
export default async function setup(): Promise<void> {
  await chromium.executablePath();
}
