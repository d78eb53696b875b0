/** The contract's rules for host names and origins, which the page cannot import without zod. A test compares them. */
const hostName = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+)$/i;
const origin = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]+$/i;

export const isHostName = (text: string): boolean => text.length <= 253 && hostName.test(text);
export const isOrigin = (text: string): boolean => text.length <= 300 && origin.test(text);
