/** Measures the speed of a pass from time to time, and tells it to the count of connections. */
import { connectionLimit, type Pass } from './pass.ts';

const SAMPLE_EVERY_MS = 300;

export interface SpeedSamples {
  /** Takes a sample when the last one is long enough ago. True when it did: the number of connections may then be another. */
  take(nowMs: number): boolean;
}

/** `nowMs` is the start of the first sample, by the clock of all further calls. */
export function createSpeedSamples(
  pass: Pick<Pass, 'connections' | 'count' | 'isRangeless' | 'receivedBytes'>,
  nowMs: number,
): SpeedSamples {
  let sampledAtMs = nowMs;
  let sampledBytes = pass.receivedBytes;
  let sampledLimit = connectionLimit(pass);
  return {
    take(nowMs) {
      if (nowMs - sampledAtMs < SAMPLE_EVERY_MS) return false;
      const bytesPerSecond = ((pass.receivedBytes - sampledBytes) * 1000) / (nowMs - sampledAtMs);
      const active = [...pass.connections].filter((connection) => connection.isReceiving).length;
      // The first sample after a change of the limit mixes two numbers of connections: it is not used.
      const isSettled = sampledLimit === connectionLimit(pass);
      sampledLimit = connectionLimit(pass);
      [sampledAtMs, sampledBytes] = [nowMs, pass.receivedBytes];
      if (isSettled) pass.count.sample(nowMs, bytesPerSecond, active);
      return true;
    },
  };
}
