import { useEffect, useRef, useState } from 'react';
import { useLiveReduce, type LiveResult } from '../../../connection/live.ts';
import { foldActivity, type ActivityState } from './log.ts';

/** The log and the load. */
export function useActivity(): LiveResult<ActivityState | null> {
  return useLiveReduce<'server.watchActivity', ActivityState | null>('server.watchActivity', {}, foldActivity, null);
}

/** Seconds that the line of speeds shows. */
export const SAMPLES = 60;

/** The rate of each of the last sixty seconds, newest last. */
export function useSpeeds(tokensPerSecond: number): readonly number[] {
  const [speeds, setSpeeds] = useState<readonly number[]>([]);
  const now = useRef(tokensPerSecond);
  useEffect(() => {
    now.current = tokensPerSecond;
  });
  useEffect(() => {
    const timer = setInterval(() => setSpeeds((before) => [...before, now.current].slice(-SAMPLES)), 1000);
    return () => clearInterval(timer);
  }, []);
  return speeds;
}
