/** The handlers of the routes of exports and imports. */
import type { exchangeRoutes } from '../../preload/contract/exchange.ts';
import type { Handlers } from '../../preload/wire/rpc.ts';
import type { Exchange } from '../chat/exchange/exchange.ts';
import { done } from './done.ts';

export function createExchangeHandlers(exchange: Exchange): Handlers<typeof exchangeRoutes> {
  return {
    'exchange.export': (order, { signal }) => exchange.export(order, signal),
    'exchange.import': ({ importId, skipDuplicates }, { signal }) => exchange.import(importId, skipDuplicates, signal),
    'exchange.discard': ({ importId }) => done(exchange.discard(importId)),
    'exchange.undoImport': ({ importId }) => exchange.undoImport(importId),
  };
}
