import type { ServerState } from '../../../preload/contract/server.ts';

/** The address for programs on this computer: the server's own, or the one that it will have. */
export function originOf({ address, settings }: Pick<ServerState, 'address' | 'settings'>): string {
  const { interface: host, port } = settings;
  const named = host.includes(':') ? `[${host}]` : host;
  // A server that listens everywhere is here as well, and nobody can call everywhere.
  return (address ?? `http://${named}:${String(port)}`).replace(/\/\/(0\.0\.0\.0|\[::\])(?=:|$)/, '//127.0.0.1');
}

export const isLocal = (host: string): boolean => /^127\.|^::1$/.test(host);
