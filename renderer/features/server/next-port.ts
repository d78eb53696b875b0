import { DEFAULT_API_PORT } from '../../../preload/contract/api-port.ts';

/** Another port to try after one that cannot be used: the next one, none of those that belong to the system. */
export function nextPort(port: number): number {
  if (port < 1024 || port >= 65_535) return DEFAULT_API_PORT;
  return port + 1;
}
