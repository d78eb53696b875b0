/** The built renderer's files, for the http shell and for Electron's app:// protocol. */
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../preload/wire/errors.ts';

/** No inline scripts, no eval, no other hosts. Elements may have styles, such as a progress bar's width; `data:` images are icons. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  // The preview alone: every other file refuses to be framed.
  "frame-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Headers of every file of the page, in both shells. */
export const securityHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const;

/** The frame in which code of a message is shown. */
export const PREVIEW_PATH = '/preview.html';

/**
 * The frame may run what the message has, which is why its origin is none (`sandbox`), and may load nothing at all: where it asks nobody, it
 * tells nobody anything.
 */
const previewPolicy = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  'img-src data: blob:',
  'font-src data:',
  'media-src data: blob:',
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
  'sandbox allow-scripts',
].join('; ');

const previewHeaders = {
  ...securityHeaders,
  'content-security-policy': previewPolicy,
  'x-frame-options': 'SAMEORIGIN',
  'x-dns-prefetch-control': 'off',
};

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};

export interface PageFile {
  readonly contentType: string;
  readonly isPreview: boolean;
  /** True for files whose name changes with their content. */
  readonly immutable: boolean;
  /** Closed by whoever asked for it. */
  readonly handle: FileHandle;
}

/**
 * Opens the file below `folder` for an address's path; `/` is index.html. Only names with harmless characters and known extensions are
 * looked for. @throws AppError `not_found` for everything else.
 */
export async function openPageFile(folder: string, urlPath: string): Promise<PageFile> {
  const missing = new AppError('not_found', 'There is nothing here.');
  const name = urlPath === '/' ? '/index.html' : urlPath;
  // Checked before any decoding: letters, digits, dashes, slashes, and dots between them.
  if (!/^(\/[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)+$/.test(name)) throw missing;
  const file = path.join(folder, name);
  const contentType = contentTypes[path.extname(file)];
  if (contentType === undefined || !file.startsWith(path.resolve(folder) + path.sep)) throw missing;
  try {
    return {
      ...{ handle: await open(file), contentType },
      ...{ isPreview: name === PREVIEW_PATH, immutable: name.startsWith('/assets/') },
    };
  } catch {
    throw missing;
  }
}

/** The headers of a file of the page, in both shells. */
export const headersOf = ({ contentType, isPreview, immutable }: PageFile): Record<string, string> => ({
  ...(isPreview ? previewHeaders : securityHeaders),
  'content-type': contentType,
  'cache-control': immutable ? 'private, max-age=31536000, immutable' : 'no-store',
});
