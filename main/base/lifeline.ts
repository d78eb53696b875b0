/** In an engine child, the descriptor of a pipe that nothing is written to: the app holds its other end open for as long as it lives. */
export const LIFELINE_FD = 4;
