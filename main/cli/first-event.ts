import type { HearthClient, HearthContract } from '../../preload/contract/contract.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { EventOf, StreamName } from '../../preload/wire/rpc.ts';

/** What a `watch` route of the app says first, which is the present state. @throws AppError `disconnected`, `cancelled`. */
export async function firstEvent<Route extends StreamName<HearthContract>>(
  client: HearthClient,
  route: Route,
  signal?: AbortSignal,
): Promise<EventOf<HearthContract, Route>> {
  // Only routes without input are asked for their state.
  for await (const event of client.stream(route, {} as never, signal ? { signal } : {})) return event;
  throw signal?.aborted === true
    ? new AppError('cancelled', 'Stopped.')
    : new AppError('disconnected', 'The connection to Hearth was lost.');
}
