/** Whether a field of a request says something: programs send null for what they leave open. */
export const isGiven = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined;
