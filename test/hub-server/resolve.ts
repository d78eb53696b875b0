/**
 * Files by name: `resolve/` sends them or redirects to the CDN, `raw/` sends the content that git stores (for LFS files
 * the pointer).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  callerOf,
  entryNotFound,
  gateRefusal,
  invalidToken,
  maySee,
  refuse,
  repoNotFound,
  revisionNotFound,
} from './access.ts';
import { sendFile, signedAddress } from './cdn.ts';
import { openExchange, sendRedirect, sendText, type Exchange } from './exchange.ts';
import { commitId, findCommit, identify, type RepoFile } from './repository.ts';
import { findRepository, type HubState } from './state.ts';

/** The parts of `/OWNER/NAME/resolve/REVISION/PATH`, decoded. */
export interface FileAddress {
  readonly repositoryId: string;
  readonly kind: 'resolve' | 'raw' | 'resolve-cache';
  readonly revision: string;
  readonly path: string;
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/**
 * Parses a path as the address of a file; null when it is none. A revision may contain encoded slashes, or be
 * `refs/pr/N`.
 */
export function parseFileAddress(path: string): FileAddress | null {
  const cached = /^\/api\/resolve-cache\/models\/([^/]+\/[^/]+)\/([^/]+)\/(.+)$/.exec(path);
  if (cached !== null) return fileAddress(cached[1], 'resolve-cache', cached[2], cached[3]);
  const plain = /^\/([^/]+(?:\/[^/]+)?)\/(resolve|raw)\/(refs\/[^/]+\/[^/]+|[^/]+)\/(.+)$/.exec(path);
  if (plain === null) return null;
  return fileAddress(plain[1], plain[2] === 'raw' ? 'raw' : 'resolve', plain[3], plain[4]);
}

function fileAddress(id = '', kind: FileAddress['kind'], revision = '', path = ''): FileAddress {
  return { repositoryId: decode(id), kind, revision: decode(revision), path: path.split('/').map(decode).join('/') };
}

/** Answers one request for a file. */
export async function serveFile(
  state: HubState,
  address: FileAddress,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const subject = `${address.repositoryId}/${address.path}`;
  const exchange = await openExchange(request, response, 'resolve', subject, state);
  if (exchange === null) return;
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return sendText(exchange, 405, 'Method Not Allowed', { Allow: 'GET, HEAD' });

  const caller = callerOf(request, state.tokens);
  if (caller.kind === 'invalid') return refuse(exchange, invalidToken);
  const found = findRepository(state, address.repositoryId);
  if (found === null || !maySee(caller, found.repository)) return refuse(exchange, repoNotFound(caller));
  const { repository } = found;
  if (found.renamed)
    return sendRedirect(
      exchange,
      307,
      (request.url ?? '').replace(/^\/[^/]+(?:\/[^/]+)??(?=\/(?:resolve|raw)\/)/, `/${repository.id}`),
    );
  const gate = gateRefusal(caller, repository);
  if (gate !== null) return refuse(exchange, gate);
  const commit = await findCommit(repository, address.revision);
  if (commit === null) return refuse(exchange, revisionNotFound(address.revision));
  const id = await commitId(repository, commit);
  const file = commit.files.get(address.path);
  if (file === undefined)
    return refuse({ ...exchange, response: withCommit(exchange, id) }, entryNotFound(address.path, address.revision));

  const identity = await identify(file);
  const headers = { 'X-Repo-Commit': id, Vary: 'Origin, Accept' };
  if (address.kind === 'raw') {
    const content =
      identity.lfs === null ? file.content : { kind: 'bytes' as const, bytes: Buffer.from(identity.lfs.pointer) };
    return sendFile(exchange, content, {
      ...headers,
      ETag: `"${exchange.shape.changedEtag ?? identity.blobId}"`,
      'Content-Type': contentType(file.path),
    });
  }
  if (identity.lfs !== null) {
    const location = signedAddress(
      state,
      repository.id,
      file.path,
      file.content,
      identity.lfs.sha256,
      exchange.shape.expired,
    );
    // The ETag and the length of this response are those of the pointer and the text. The file's own are in X-Linked-*.
    return sendRedirect(exchange, 302, location, {
      ...headers,
      ETag: `"${identity.blobId}"`,
      'Accept-Ranges': 'bytes',
      'X-Linked-Size': String(file.sizeBytes),
      'X-Linked-ETag': `"${exchange.shape.changedEtag ?? identity.lfs.sha256}"`,
    });
  }
  const etag = `"${exchange.shape.changedEtag ?? identity.blobId}"`;
  const isPublic = repository.facts.private !== true && gate === null && (repository.facts.gated ?? false) === false;
  if (state.smallFiles === 'resolve-cache' && address.kind === 'resolve' && isPublic && file.sizeBytes > 0) {
    const original = `/${repository.id}/resolve/${encodeURIComponent(address.revision)}/${address.path}`;
    const path = file.path.split('/').map(encodeURIComponent).join('/');
    const location = `/api/resolve-cache/models/${repository.id}/${id}/${path}?${encodeURIComponent(original)}=&etag=${encodeURIComponent(etag)}`;
    return sendRedirect(exchange, 307, location, {
      ...headers,
      'X-Linked-Size': String(file.sizeBytes),
      'X-Linked-ETag': etag,
    });
  }
  return sendFile(exchange, file.content, {
    ...headers,
    ETag: etag,
    'Content-Type': contentType(file.path),
    ...disposition(file),
  });
}

/** The header is also sent with a 404, because clients cache the commit in which a file is missing. */
function withCommit(exchange: Exchange, id: string): ServerResponse {
  exchange.response.setHeader('X-Repo-Commit', id);
  return exchange.response;
}

function contentType(path: string): string {
  return path.endsWith('.json') ? 'application/json' : 'text/plain; charset=utf-8';
}

function disposition(file: RepoFile): Record<string, string> {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return {
    'Content-Disposition': `inline; filename*=UTF-8''${encodeURIComponent(name)}; filename="${encodeURIComponent(name)}";`,
  };
}
