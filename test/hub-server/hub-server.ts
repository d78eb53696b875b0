/**
 * A Hugging Face Hub for tests: a real HTTP server that speaks the Hub's API over folders of real files, with a second
 * server for the CDN that large files are redirected to, and programmable faults. It follows the Hub's public
 * documentation and the expectations of the Hub's own clients (@huggingface/hub, Python's huggingface_hub). It leaves
 * out writing, datasets and spaces, and the Xet protocol: all its large files are plain LFS downloads.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Tokens } from './access.ts';
import { serveApi } from './api.ts';
import { serveCdn } from './cdn.ts';
import type { RecordedRequest } from './exchange.ts';
import { createFaultTable, type Fault, type FaultHandle } from './faults.ts';
import {
  commitChange,
  commitId,
  createRepository,
  loadRoot,
  mainCommit,
  type FileInput,
  type RepoFacts,
  type RepoInput,
} from './repository.ts';
import { parseFileAddress, serveFile } from './resolve.ts';
import type { HubState } from './state.ts';

export type { TokenOwner, Tokens } from './access.ts';
export type { RecordedRequest } from './exchange.ts';
export type { Fault, FaultHandle, FaultLevel } from './faults.ts';
export type { FileInput, FilesInput, HubJson, RepoFacts, RepoInput } from './repository.ts';

export interface HubOptions {
  /** A folder of `<owner>/<name>/` folders with the files of `main` and an optional `.hub.json` (see `HubJson`). Read at the start. */
  readonly root?: string;
  /** Repositories defined in code, in addition to those of `root`. */
  readonly repos?: readonly RepoInput[];
  /** The owner of each token. */
  readonly tokens?: Tokens;
  readonly faults?: readonly Fault[];
  /** 0, the default, takes a free port of 127.0.0.1. */
  readonly port?: number;
  readonly cdnPort?: number;
  /** A speed limit per connection. Default: none. */
  readonly bytesPerSecond?: number;
  /** The lifetime of a redirect's address at the CDN. Default: an hour. */
  readonly redirectLifetimeMs?: number;
  /** The clock for that lifetime, in milliseconds since the epoch. Default: the machine's clock. */
  readonly now?: () => number;
  /**
   * How `resolve` serves files that are not in LFS: directly (default; the real Hub does so for private and gated
   * repositories), or by a relative redirect to an address with the commit, as the real Hub does for public ones.
   */
  readonly smallFiles?: 'direct' | 'resolve-cache';
}

export interface Hub {
  /** Without a slash at the end, for HF_ENDPOINT. */
  readonly url: string;
  readonly cdnUrl: string;
  /** Every request so far to both servers, oldest first. Can be emptied by `length = 0`. */
  readonly requests: RecordedRequest[];
  setFault(fault: Fault): FaultHandle;
  clearFaults(): void;
  addRepo(input: RepoInput): void;
  /**
   * Adds or replaces one file in a new commit on `main`. Returns the commit's id. Throws when there is no such
   * repository.
   */
  addFile(repoId: string, path: string, content: FileInput): Promise<string>;
  /**
   * Changes facts, or files (null removes one) in a new commit on `main`; older commits stay readable. Returns the id
   * of `main`. Throws when there is no such repository.
   */
  updateRepo(
    repoId: string,
    change: {
      readonly facts?: RepoFacts;
      readonly files?: Readonly<Record<string, FileInput | null>>;
      readonly title?: string;
    },
  ): Promise<string>;
  removeRepo(repoId: string): void;
  /** The current commit of `main`. */
  mainCommitId(repoId: string): Promise<string>;
  /** Ends both servers and every connection. */
  close(): Promise<void>;
}

async function listen(listener: RequestListener, port: number): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 5_000 }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

function addressOf(server: Server, host: string): string {
  return `http://${host}:${String((server.address() as AddressInfo).port)}`;
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** Runs a handler. A defect of this server answers 500 with its text, so that a test fails with the reason. */
function guard(serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>): RequestListener {
  return (request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.destroyed) return;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`The test Hub failed: ${text}`);
    });
  };
}

/** Starts a Hub and its CDN on 127.0.0.1. Throws when a port is taken or a `.hub.json` cannot be read. */
export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const faults = createFaultTable();
  for (const fault of options.faults ?? []) faults.add(fault);
  const requests: RecordedRequest[] = [];
  const now = options.now ?? Date.now;
  const state: HubState = {
    repositories: new Map(),
    tokens: options.tokens ?? {},
    faults,
    requests,
    bytesPerSecond: options.bytesPerSecond ?? Infinity,
    now,
    cdnFiles: new Map(),
    secret: randomBytes(16).toString('hex'),
    redirectLifetimeMs: options.redirectLifetimeMs ?? 3_600_000,
    smallFiles: options.smallFiles ?? 'direct',
    cdnUrl: '',
  };
  const onDisk = options.root === undefined ? [] : await loadRoot(options.root);
  for (const repository of [...onDisk, ...(options.repos ?? []).map(createRepository)]) {
    state.repositories.set(repository.id, repository);
  }

  const cdn = await listen(
    guard((request, response) => serveCdn(state, request, response)),
    options.cdnPort ?? 0,
  );
  // A different host name, not only a different port: on the same host Python's huggingface_hub follows the redirect
  // with the token, and then does not find the file's metadata.
  state.cdnUrl = addressOf(cdn, 'localhost');
  const serve = guard((request, response) => {
    const address = parseFileAddress((request.url ?? '/').replace(/\?.*$/s, ''));
    return address === null ? serveApi(state, request, response) : serveFile(state, address, request, response);
  });
  const hub = await listen(serve, options.port ?? 0).catch(async (error: unknown) => {
    await closeServer(cdn);
    throw error;
  });

  const repositoryOf = (repoId: string) => {
    const repository = state.repositories.get(repoId);
    if (repository === undefined) throw new Error(`The test Hub has no repository ${repoId}.`);
    return repository;
  };
  const updateRepo: Hub['updateRepo'] = async (repoId, { facts, files, title }) => {
    const repository = repositoryOf(repoId);
    if (files !== undefined) commitChange(repository, files, new Date(now()).toISOString(), title ?? 'Update files');
    if (facts !== undefined) repository.facts = { ...repository.facts, ...facts };
    return await commitId(repository, mainCommit(repository));
  };

  return {
    url: addressOf(hub, '127.0.0.1'),
    cdnUrl: state.cdnUrl,
    requests,
    setFault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    addRepo: (input) => void state.repositories.set(input.id, createRepository(input)),
    addFile: (repoId, path, content) => updateRepo(repoId, { files: { [path]: content }, title: `Upload ${path}` }),
    updateRepo,
    removeRepo: (repoId) => void state.repositories.delete(repoId),
    mainCommitId: async (repoId) => {
      const repository = repositoryOf(repoId);
      return await commitId(repository, mainCommit(repository));
    },
    close: async () => {
      await Promise.all([closeServer(hub), closeServer(cdn)]);
    },
  };
}
