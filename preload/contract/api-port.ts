/** Where the server for programs listens unless its settings say otherwise. Without zod, so that the page can import it without it. */
export const DEFAULT_API_PORT = 11_535;
