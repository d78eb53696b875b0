/** The handlers of the API server's routes. */
import type { serverRoutes } from '../../preload/contract/server.ts';
import type { Handlers } from '../../preload/wire/rpc.ts';
import type { Api } from '../api/api.ts';
import { done } from './done.ts';

export function createServerHandlers(api: Api): Handlers<typeof serverRoutes> {
  return {
    'server.watch': (_input, { signal }) => api.watch(signal),
    'server.watchActivity': (_input, { signal }) => api.watchActivity(signal),
    'server.start': () => api.start(),
    'server.stop': () => api.stop(),
    'server.update': (patch) => api.update(patch),
    'server.createKey': (rights) => api.keys.create(rights),
    'server.updateKey': ({ keyId, ...rights }) => done(api.keys.update(keyId, rights)),
    'server.revokeKey': ({ keyId }) => done(api.revokeKey(keyId)),
    'server.saveName': (name) => done(api.names.save(name)),
    'server.removeName': ({ name }) => done(api.names.remove(name)),
    'server.clearLog': () => done(api.clearLog()),
    'server.editors': () => api.editors.list(),
    'server.editorSettings': (wanted) => api.editors.settings(wanted),
    'server.editorChange': (wanted) => api.editors.change(wanted),
    'server.connectEditor': ({ token }) => api.editors.connect(token),
    'server.endRequest': ({ requestId }) => done(api.endRequest(requestId)),
  };
}
