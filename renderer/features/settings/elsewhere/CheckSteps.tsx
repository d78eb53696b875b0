import { CircleCheck, CircleMinus, CircleX } from 'lucide-react';
import type { CheckFinding } from '../../../../preload/contract/providers.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { Spinner } from '../../../ui/display/Spinner.tsx';
import { words } from '../../../words/words.ts';
import type { StepState } from './step-state.ts';

/** The steps of a check and what each found. */
export function CheckSteps({
  name,
  steps,
  running,
}: {
  readonly name: string;
  readonly steps: readonly StepState[];
  readonly running: boolean;
}) {
  const failed = steps.find(({ error }) => error);
  return (
    <div className="elsewhere-check">
      <ol aria-label={words.elsewhere.checkOf(name)}>
        {steps.map((one) => (
          <li key={one.step}>
            <Sign step={one} />
            <span>{words.elsewhere.steps[one.step]}</span>
            <span className="secondary num">
              {one.finding
                ? foundWords(one.finding)
                : one.error
                  ? words.elsewhere.found.failed
                  : running
                    ? words.elsewhere.found.running
                    : ''}
            </span>
          </li>
        ))}
      </ol>
      {failed?.error ? <ErrorCard error={failed.error} compact /> : null}
      <p className="visually-hidden" role="status">
        {running || failed ? '' : words.elsewhere.checkDone}
      </p>
    </div>
  );
}

function Sign({ step: { finding, error } }: { readonly step: StepState }) {
  if (error) return <CircleX size={15} className="elsewhere-bad" aria-hidden="true" />;
  if (!finding) return <Spinner size={15} />;
  if ('absent' in finding && finding.absent) return <CircleMinus size={15} aria-hidden="true" />;
  return <CircleCheck size={15} className="elsewhere-good" aria-hidden="true" />;
}

function foundWords(finding: CheckFinding): string {
  const { found } = words.elsewhere;
  switch (finding.step) {
    case 'connect':
      return found.connect(finding.ms);
    case 'models':
      return found.models(finding.count);
    case 'server':
      return words.elsewhere.kind(finding.kind, finding.version);
    case 'context':
      return found.context(finding.contextSize);
    case 'tokenize':
      return found.tokenize(finding.absent);
    case 'reply':
      return found.reply(finding.firstTokenMs, finding.counted);
    case 'tools':
      return found.tools(finding.absent);
    default:
      return finding satisfies never;
  }
}
