/** The port that programs expect the server on. */
const USUAL = 11_535;

/** Another port to try after one that cannot be used: the next one, none of those that belong to the system. */
export function nextPort(port: number): number {
  if (port < 1024 || port >= 65_535) return USUAL;
  return port + 1;
}
