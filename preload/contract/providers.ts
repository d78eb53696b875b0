/** Engines elsewhere: servers that speak OpenAI's protocol, whose models are used beside those of this computer. */
import { z } from 'zod';
import type { ErrorBody } from '../wire/errors.ts';
import { call, stream } from '../wire/rpc.ts';
import type { ShownCertificates } from './settings.ts';

/** The kinds of providers: this computer's engine, and servers that speak OpenAI's protocol. */
export const providerKinds = ['llama.cpp', 'openai-compatible'] as const;
export type ProviderKind = (typeof providerKinds)[number];

/** What a server turned out to be. `unknown` speaks OpenAI's protocol and has none of the other marks. */
export type ServerKind =
  'llama-server' | 'vllm' | 'sglang' | 'tgi' | 'ollama' | 'lm-studio' | 'hearth' | 'openai' | 'unknown';

/** What a model elsewhere can do; null where its server does not tell. */
export interface RemoteAbilities {
  readonly chat: boolean | null;
  readonly vision: boolean | null;
  readonly audio: boolean | null;
  readonly tools: boolean | null;
  readonly reasoning: boolean | null;
  readonly embeddings: boolean | null;
  /** The server counts a text's tokens. */
  readonly tokenize: boolean | null;
}

export interface RemoteModel {
  /** `remote--PROVIDER/NAME`, with what an id cannot contain percent-encoded. */
  readonly modelId: string;
  /** As the server calls it. */
  readonly name: string;
  /** Tokens of one conversation; null where the server does not tell. */
  readonly contextSize: number | null;
  readonly abilities: RemoteAbilities;
}

/** `off`: switched off. `unasked`: on, and not asked yet. `asking`: its models are being listed. */
export type ProviderStatus =
  | { readonly state: 'off' | 'unasked' | 'asking' }
  | { readonly state: 'ready'; readonly at: number }
  | { readonly state: 'failed'; readonly at: number; readonly error: ErrorBody };

/** A server elsewhere as the page sees it. Its key and the values of its headers never leave main. */
export interface ProviderEntry {
  readonly id: string;
  readonly kind: ProviderKind;
  readonly name: string;
  readonly address: string;
  readonly hasKey: boolean;
  /** Names of the further headers of each request. */
  readonly headerNames: readonly string[];
  readonly certificates: ShownCertificates | null;
  readonly enabled: boolean;
  /** False for an address of this computer itself. */
  readonly leavesComputer: boolean;
  /** Plain http to another computer: what is sent can be read on the way. */
  readonly unencrypted: boolean;
  readonly status: ProviderStatus;
  /** What answered when it was last asked; null before. */
  readonly server: { readonly kind: ServerKind; readonly version: string | null } | null;
  readonly models: readonly RemoteModel[];
  /** Models that the server named and that are not listed: their names are too long, or there are too many. */
  readonly modelsLeftOut: number;
}

/** The abilities of providers. */
export type ProviderCapability =
  | 'chat'
  | 'tools'
  | 'images'
  | 'grammar'
  | 'continue'
  | 'logprobs'
  | 'embeddings'
  | 'rerank'
  | 'tokenize'
  | 'states'
  | 'gpu';

/** `server`: as the server elsewhere can. For `gpu` also the kinds of GPU. */
export type CapabilityAnswer = 'yes' | 'no' | 'server' | 'cuda_vulkan' | 'metal';

export interface ProviderRow {
  readonly kind: ProviderKind;
  readonly platforms: readonly ('linux' | 'macos' | 'windows')[];
  readonly answers: Readonly<Record<ProviderCapability, CapabilityAnswer>>;
}

/** Everything, again after each change. */
export interface ProvidersEvent {
  readonly revision: number;
  readonly providers: readonly ProviderEntry[];
  /** What each kind of provider can do on each platform. */
  readonly table: readonly ProviderRow[];
  /** The variable that keeps Hearth offline, so that only addresses of this computer are asked; null when online. */
  readonly offlineBy: string | null;
}

/** The steps of a check, in order. */
export type CheckStep = 'connect' | 'models' | 'server' | 'context' | 'tokenize' | 'reply' | 'tools';

/** What a step found. `absent`: the server does not have it, and works without it. */
export type CheckFinding =
  | { readonly step: 'connect'; readonly ms: number }
  | { readonly step: 'models'; readonly count: number }
  | { readonly step: 'server'; readonly kind: ServerKind; readonly version: string | null }
  | { readonly step: 'context'; readonly model: string; readonly contextSize: number | null }
  | { readonly step: 'tokenize'; readonly absent: boolean }
  | { readonly step: 'reply'; readonly model: string; readonly firstTokenMs: number; readonly counted: boolean }
  | { readonly step: 'tools'; readonly model: string; readonly absent: boolean };

export type CheckEvent =
  | { readonly type: 'begun'; readonly step: CheckStep }
  | { readonly type: 'found'; readonly finding: CheckFinding }
  | { readonly type: 'failed'; readonly step: CheckStep; readonly error: ErrorBody };

export const providerIdSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9]|-(?!-)){0,38}[a-z0-9]$|^[a-z0-9]$/, 'expected an id');

/** Visible characters and spaces; a line break would begin another header. */
const headerValue = z
  .string()
  .max(4000)
  .regex(/^[\x20-\x7e]*$/, 'expected visible characters');

const providerInput = z.strictObject({
  /** Null: a new one, whose id is made of its name. */
  id: providerIdSchema.nullable(),
  /** A wrong kind is refused by the registry, whose error names the known ones. */
  kind: z.string().min(1).max(60),
  name: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .regex(/^[^\p{Cc}\p{Cf}]+$/u, 'expected a name'),
  address: z.string().trim().min(1).max(300),
  /** All further headers. A value of null keeps the stored one. */
  headers: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}$/, 'expected the name of a header'),
        value: headerValue.nullable(),
      }),
    )
    .max(16),
  /** PEM text of certificate authorities for this server alone. Absent: the stored ones stay; null: none. */
  certificates: z.string().max(200_000).nullable().optional(),
  enabled: z.boolean(),
});
export type ProviderInput = z.infer<typeof providerInput>;

const one = z.strictObject({ id: providerIdSchema });

export const providersRoutes = {
  /** The servers elsewhere, again after each change. While it is watched, servers that are on and were not asked yet are asked. */
  'providers.watch': stream(z.strictObject({})).emits<ProvidersEvent>(),
  /**
   * Stores a server. A key and header values that were stored for another host are deleted, unless they are given again. Throws
   * not_found, invalid_input (address, kind, certificates, and a name or an address that another server has), disk.full.
   */
  'providers.save': call(providerInput).returns<ProviderEntry>(),
  /** Stores its key; null deletes it. Throws not_found, disk.full. */
  'providers.setKey': call(
    z.strictObject({
      id: providerIdSchema,
      key: z
        .string()
        .trim()
        .min(1)
        .max(4000)
        .regex(/^[\x21-\x7e]+$/, 'expected a key')
        .nullable(),
    }),
  ).returns<ProviderEntry>(),
  /** Removes a server with its key. `undoRemove` brings both back within `undoMs`. Throws not_found. */
  'providers.remove': call(one).returns<{ undoMs: number }>(),
  'providers.undoRemove': call(one).returns<{ restored: boolean }>(),
  /** Asks the server now, also one that is off, step by step. The last two steps have a model write a few tokens. Throws not_found. */
  'providers.check': stream(one).emits<CheckEvent>(),
};
