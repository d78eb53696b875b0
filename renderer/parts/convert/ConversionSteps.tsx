/** The steps of a conversion with the current one marked, and what it is at. */
import { Check, Circle, CircleDot } from 'lucide-react';
import type { Job } from '../../../preload/contract/jobs.ts';
import { words } from '../../words/words.ts';
import { conversionOf, stepsOf, type Step } from './conversion-steps.ts';
import './convert-parts.css';

const icons = { done: Check, now: CircleDot, later: Circle } as const satisfies Record<Step['state'], unknown>;
const spoken = { done: words.convert.stepDone, now: words.convert.stepNow, later: words.convert.stepLater } as const;

export function ConversionSteps({ job }: { readonly job: Job }) {
  const steps = stepsOf(job);
  const at = conversionOf(job);
  if (at === null) return null;
  return (
    <>
      {steps.length > 1 && (
        <ol className="convert-steps" aria-label={words.convert.stepList}>
          {steps.map(({ phase, state }) => {
            const Icon = icons[state];
            return (
              <li key={phase} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
                <Icon size={12} aria-hidden="true" />
                {words.convert.steps[phase]} <span className="visually-hidden">{spoken[state]}</span>
              </li>
            );
          })}
        </ol>
      )}
      {at.count > 0 && (
        <p className="convert-at secondary num">
          <span className="mono truncate" title={at.name ?? undefined}>
            {at.name ?? words.convert.steps[at.phase]}
          </span>
          <span>
            {at.phase === 'imatrix'
              ? words.convert.progress.chunk(at.index, at.count)
              : words.convert.progress.counted(at.index, at.count)}
          </span>
        </p>
      )}
    </>
  );
}
