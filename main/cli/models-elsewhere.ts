/** The models of servers elsewhere, as the running app knows them, for commands. */
import type { HearthClient } from '../../preload/contract/contract.ts';
import type { ProviderEntry } from '../../preload/contract/providers.ts';
import { isRemoteModelId } from '../../preload/contract/remote-model-id.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { firstEvent } from './first-event.ts';
import type { Invocation } from './invocation.ts';
import { connectApp, connectAppOfCache, type RunningApp } from './running-app.ts';

/** So long a list waits for servers that were not asked before, as the lists of programs do. */
const LIST_MS = 3000;

const serversOn = (providers: readonly ProviderEntry[]): readonly ProviderEntry[] =>
  providers.filter(({ enabled }) => enabled);

/** The servers that are on, with the models that the app knows of them at this moment. @throws AppError `disconnected`, `cancelled`. */
export async function knownServers(client: HearthClient, signal?: AbortSignal): Promise<readonly ProviderEntry[]> {
  return serversOn((await firstEvent(client, 'providers.watch', signal)).providers);
}

/** The same, once each has told its models or its failure, or after three seconds. @throws AppError `disconnected`, `cancelled`. */
export async function askedServers(client: HearthClient, signal: AbortSignal): Promise<readonly ProviderEntry[]> {
  const late = AbortSignal.timeout(LIST_MS);
  let servers: readonly ProviderEntry[] | null = null;
  try {
    for await (const { providers } of client.stream(
      'providers.watch',
      {},
      { signal: AbortSignal.any([late, signal]) },
    )) {
      servers = serversOn(providers);
      const isWaited = ({ status, models }: ProviderEntry): boolean =>
        models.length === 0 && (status.state === 'unasked' || status.state === 'asking');
      if (!servers.some(isWaited)) return servers;
    }
  } catch (error) {
    if (servers === null || !late.aborted) throw error;
  }
  if (signal.aborted) throw new AppError('cancelled', 'Stopped.');
  return servers ?? (await knownServers(client, signal));
}

/** The ids of the models that a command can use. */
export const idsElsewhere = (servers: readonly ProviderEntry[]): readonly string[] =>
  servers.flatMap(({ models }) => models.map(({ modelId }) => modelId));

/** The app that has the model of a reference. One of another cache has the same models elsewhere. @throws AppError `unsupported`. */
export async function connectAppOfModel(
  reference: string,
  { environment, version, signal }: Pick<Invocation, 'environment' | 'version' | 'signal'>,
): Promise<RunningApp | null> {
  const connect = isRemoteModelId(reference) ? connectApp : connectAppOfCache;
  return await connect(environment, version, signal);
}

/** The refusal of a model elsewhere, by a command that has only files to read or no app to ask. */
export const notHere = (reference: string, modelId: string): AppError =>
  new AppError(
    'unsupported',
    `${reference === modelId ? modelId : `"${reference}" stands for ${modelId}, which`} is a model elsewhere: it has no file on this computer. ` +
      'The running app asks its server for run, chat, embed, rerank and tokenize. Open Hearth or start "hearth serve" first.',
    { reason: 'runs_elsewhere' },
  );
