/** The kinds of providers, what each can do, and which of them a model belongs to. */
import { providerKinds, type ProviderKind, type ProviderRow } from '../../preload/contract/providers.ts';
import { AppError } from '../../preload/wire/errors.ts';

/** The kind of that name. @throws AppError `invalid_input`, which names the known ones. */
export function providerKind(name: string): ProviderKind {
  const known = providerKinds.find((kind) => kind === name);
  if (known) return known;
  const shown = name.slice(0, 60);
  throw new AppError('invalid_input', `Unknown provider '${shown}'. Known: ${providerKinds.join(', ')}`, {
    ...{ reason: 'provider_kind', field: 'kind', name: shown, known: providerKinds.join(', ') },
  });
}

const local: Omit<ProviderRow['answers'], 'gpu'> = {
  ...({ chat: 'yes', tools: 'yes', images: 'no', grammar: 'yes', continue: 'yes', logprobs: 'yes' } as const),
  ...({ embeddings: 'yes', rerank: 'yes', tokenize: 'yes', states: 'yes' } as const),
};

/** What each kind can do on each platform: this computer's platform for llama.cpp, and any for a server elsewhere. */
export const providerTable: readonly ProviderRow[] = [
  { kind: 'llama.cpp', platforms: ['linux', 'windows'], answers: { ...local, gpu: 'cuda_vulkan' } },
  { kind: 'llama.cpp', platforms: ['macos'], answers: { ...local, gpu: 'metal' } },
  {
    kind: 'openai-compatible',
    platforms: ['linux', 'macos', 'windows'],
    answers: {
      ...{ chat: 'yes', tools: 'server', images: 'server', grammar: 'server', continue: 'server', logprobs: 'server' },
      ...{ embeddings: 'server', rerank: 'server', tokenize: 'server', states: 'no', gpu: 'server' },
    },
  },
];
