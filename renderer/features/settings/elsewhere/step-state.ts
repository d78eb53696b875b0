/** The steps of a check, as they are shown. */
import type { CheckEvent, CheckFinding, CheckStep } from '../../../../preload/contract/providers.ts';
import type { ErrorBody } from '../../../../preload/wire/errors.ts';

export interface StepState {
  readonly step: CheckStep;
  /** Neither while it runs. */
  readonly finding?: CheckFinding;
  readonly error?: ErrorBody;
}

/** The steps after an event. */
export function withEvent(steps: readonly StepState[], event: CheckEvent): readonly StepState[] {
  switch (event.type) {
    case 'begun':
      return [...steps, { step: event.step }];
    case 'found':
      return steps.map((one) => (one.step === event.finding.step ? { ...one, finding: event.finding } : one));
    case 'failed':
      return steps.map((one) => (one.step === event.step ? { ...one, error: event.error } : one));
    default:
      return event satisfies never;
  }
}
