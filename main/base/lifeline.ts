/** The descriptor, in an engine child, of a pipe whose other end the app holds open. Its end tells the child that the app is gone. */
export const LIFELINE_FD = 4;
