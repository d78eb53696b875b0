/** The API server for programs: its settings, its keys, the names that programs use for models, and what it does now. */
import { z } from 'zod';
import type { ErrorBody } from '../wire/errors.ts';
import { call, stream } from '../wire/rpc.ts';
import { samplingSchema } from './chat.ts';
import { editorIds, type EditorId } from './editor-ids.ts';
import { modelIdSchema } from './model.ts';

/** Groups of endpoints, for the scope of a key. */
const endpointGroups = ['generate', 'vectors', 'models', 'inspect', 'manage'] as const;
/**
 * `generate`: replies and completions. `vectors`: embeddings and reranking. `models`: lists and descriptions of models. `inspect`:
 * tokens, prompts, slots and metrics. `manage`: downloads, deletions and names of models.
 */
export type EndpointGroup = (typeof endpointGroups)[number];

/** `SCHEME://HOST`, with a port if wanted, as a browser sends it. Editors have schemes of their own, such as `vscode-webview://`. */
const originSchema = z
  .string()
  .max(300)
  .regex(/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]+$/i, 'expected an origin, such as http://localhost:3000');
const hostNameSchema = z
  .string()
  .max(253)
  .regex(/^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+)$/i, 'expected a name or an address without a port');

export const serverSettingsSchema = z.strictObject({
  /** Starts the server together with Hearth. */
  startWithApp: z.boolean(),
  port: z.int().min(1).max(65_535),
  /** The address to listen on. Any but a loopback address needs a key. */
  interface: z.union([z.ipv4(), z.ipv6()]),
  /** Names in the Host header that are served besides the addresses of this computer. */
  hostNames: z.array(hostNameSchema).max(32),
  /** Web pages of these origins may use the server. */
  origins: z.array(originSchema).max(32),
  /** Requests that one model answers at once. */
  slots: z.int().min(1).max(32),
  /** Minutes after the last request until a model that a program has loaded is unloaded; null: as the engine's settings say. */
  keepAliveMinutes: z.int().min(0).max(10_080).nullable(),
  /** The log of requests keeps what was sent and answered. In memory only. */
  logContents: z.boolean(),
});
export type ServerSettings = z.infer<typeof serverSettingsSchema>;

const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\p{Cc}]+$/u, 'expected a name');

/** What a key may do. Null: everything, or without a limit. */
export const keyRightsSchema = z.strictObject({
  name: nameSchema,
  models: z.array(modelIdSchema).min(1).max(200).nullable(),
  endpoints: z.array(z.enum(endpointGroups)).min(1).nullable(),
  requestsPerMinute: z.int().min(1).max(100_000).nullable(),
  /** Tokens of prompts and replies together, per day of UTC. */
  tokensPerDay: z.int().min(1).max(1_000_000_000_000).nullable(),
});
export type KeyRights = z.infer<typeof keyRightsSchema>;

/** A key, without its secret, of which only a hash is stored. */
export interface ApiKey extends KeyRights {
  readonly id: string;
  /** The beginning of the secret, by which its owner knows it. */
  readonly beginning: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  /** Of the present day of UTC. */
  readonly tokensToday: number;
  /** Of the last 60 seconds; null without a limit of them. */
  readonly requestsThisMinute: number | null;
}

/**
 * A name that programs use for a model, with what goes with it: an alias with nothing else, a preset with a system prompt, a template or
 * sampling. `ollama create` makes them too.
 */
export const modelNameSchema = z.strictObject({
  name: z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/:@-]*$/, 'expected letters, digits and . _ / : @ -'),
  modelId: modelIdSchema,
  /** Stands before the conversation where that has no system prompt of its own. */
  systemPrompt: z.string().max(200_000).nullable(),
  /** A Jinja template in place of the model's own. */
  template: z.string().max(200_000).nullable(),
  /** In force where a request says nothing else. */
  sampling: samplingSchema.partial(),
  /** Stand before the conversation. */
  messages: z
    .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string().max(200_000) }))
    .max(200),
});
export type ModelName = z.infer<typeof modelNameSchema>;

/** The forms in which programs speak to the server. */
export type Dialect = 'openai' | 'anthropic' | 'ollama' | 'koboldcpp' | 'llama-server' | 'hearth';

export type RequestPhase = 'queued' | 'loading' | 'prompt' | 'generating' | 'ended';

/** One request of the log. Times in milliseconds. */
export interface ApiRequest {
  readonly id: string;
  readonly at: number;
  readonly dialect: Dialect;
  readonly method: string;
  /** The path, without a query. */
  readonly path: string;
  /** The name of its key; null where none is needed. */
  readonly keyName: string | null;
  /** What the program calls itself in User-Agent, cut short. */
  readonly program: string;
  readonly modelId: string | null;
  readonly phase: RequestPhase;
  /** The http status; null while there is none. */
  readonly status: number | null;
  readonly error: ErrorBody | null;
  /** The caller was gone before the end. */
  readonly isHungUp: boolean;
  readonly queuedMs: number | null;
  readonly loadMs: number | null;
  readonly firstTokenMs: number | null;
  readonly totalMs: number | null;
  readonly promptTokens: number | null;
  /** Those of the prompt's tokens that were still in the context. */
  readonly reusedTokens: number | null;
  readonly generatedTokens: number;
  readonly tokensPerSecond: number | null;
  readonly endReason: string | null;
  /** Null unless `logContents` was on; cut short. */
  readonly sent: string | null;
  readonly answered: string | null;
}

export interface ServerState {
  readonly revision: number;
  readonly status: 'off' | 'starting' | 'on' | 'stopping';
  /** Why the last start failed. */
  readonly error: ErrorBody | null;
  /** `http://127.0.0.1:11535`; null while it is off. */
  readonly address: string | null;
  readonly settings: ServerSettings;
  readonly keys: readonly ApiKey[];
  readonly names: readonly ModelName[];
  /** Addresses of this computer that `interface` may be, besides 127.0.0.1. */
  readonly interfaces: readonly { readonly name: string; readonly address: string }[];
}

export interface ServerLoad {
  /** Of all running replies, over the last seconds. */
  readonly tokensPerSecond: number;
  /** Requests that are being answered, oldest first. */
  readonly running: readonly Pick<
    ApiRequest,
    'id' | 'modelId' | 'phase' | 'keyName' | 'program' | 'generatedTokens' | 'at'
  >[];
  readonly requests: number;
  readonly promptTokens: number;
  readonly generatedTokens: number;
}

/** `requests` replaces the list or changes those with the same ids; newest last, at most 500 are kept. */
export type ServerActivity =
  | { readonly type: 'snapshot'; readonly requests: readonly ApiRequest[]; readonly load: ServerLoad }
  | { readonly type: 'changed'; readonly requests: readonly ApiRequest[]; readonly load: ServerLoad }
  | { readonly type: 'cleared'; readonly load: ServerLoad };

export interface Editor {
  readonly id: EditorId;
  /** The settings file, as people know it; null for a program that keeps no file. */
  readonly file: string | null;
  readonly isInstalled: boolean;
  /** Its settings name this server. */
  readonly isConnected: boolean;
}
/** What stands in place of a secret: a word in capitals, which no program's settings take for anything else. */
const placeholderSchema = z.string().regex(/^[A-Z_]{1,40}$/);
/** The id of a model, or one of the names that programs use. */
const programModelSchema = z.union([modelIdSchema, modelNameSchema.shape.name]);
export interface EditorChange {
  readonly file: string;
  /** Null where there is no file yet. */
  readonly before: string | null;
  readonly after: string;
  /** To be given back with `server.connectEditor`; of the file as it was shown. */
  readonly token: string;
}

const nothing = z.strictObject({});
const keyId = z.strictObject({ keyId: z.string().regex(/^[a-z0-9-]{1,64}$/) });

export const serverRoutes = {
  /** The state, again after every change, and at most once a second for the use of keys. */
  'server.watch': stream(nothing).emits<ServerState>(),
  /** The log of requests and the load, at most ten times a second. */
  'server.watchActivity': stream(nothing).emits<ServerActivity>(),
  /** Starts the server and resolves when it listens. Throws invalid_input (a key is needed), unsupported (port_in_use, no such interface). */
  'server.start': call(nothing).returns<ServerState>(),
  /** Ends running requests and stops listening. */
  'server.stop': call(nothing).returns<ServerState>(),
  /** Changes settings; a running server that listens elsewhere from now on is started again. Throws as `server.start`. */
  'server.update': call(serverSettingsSchema.partial()).returns<ServerState>(),
  /** The secret is in this answer and nowhere else. From the first key on every request needs one. Throws disk.full. */
  'server.createKey': call(keyRightsSchema).returns<{ readonly key: ApiKey; readonly secret: string }>(),
  /** Throws not_found. */
  'server.updateKey': call(keyRightsSchema.extend(keyId.shape)).returns<null>(),
  /** From now on the key opens nothing; running requests of it end. Throws not_found, invalid_input for the last key of a server that needs one. */
  'server.revokeKey': call(keyId).returns<null>(),
  /** Throws invalid_input for a name that a model has. */
  'server.saveName': call(modelNameSchema).returns<null>(),
  /** Throws not_found. */
  'server.removeName': call(z.strictObject({ name: z.string().max(200) })).returns<null>(),
  'server.clearLog': call(nothing).returns<null>(),
  /** Ends a running request. */
  'server.endRequest': call(z.strictObject({ requestId: z.string().max(64) })).returns<null>(),
  'server.editors': call(nothing).returns<readonly Editor[]>(),
  /** What `server.editorChange` would write where a program has no settings yet; null for a program without a file. */
  'server.editorSettings': call(
    z.strictObject({
      editor: z.enum(editorIds),
      model: programModelSchema,
      /** What stands for the secret of a key; null where the server needs none. */
      placeholder: placeholderSchema.nullable(),
    }),
  ).returns<{ readonly text: string | null }>(),
  /** The change of a program's settings that makes it use this server with a model and a key; writes nothing. Throws invalid_input for settings that cannot be read and for a secret of no key. */
  'server.editorChange': call(
    z.strictObject({
      editor: z.enum(editorIds),
      model: programModelSchema,
      /** The secret of a key; null where the server needs none. */
      secret: z.string().max(300).nullable(),
    }),
  ).returns<EditorChange>(),
  /** Writes the change that was shown, with a copy of the old file beside it. Throws busy (the file is another one now), disk.*. */
  'server.connectEditor': call(z.strictObject({ token: z.string().max(64) })).returns<{
    readonly file: string;
    /** The copy of the old file; null where there was none. */
    readonly copy: string | null;
  }>(),
};
