/** The steps of a conversion job as a list. */
import type { ConversionPhase, Job, JobDetail } from '../../../preload/contract/jobs.ts';

export interface Step {
  readonly phase: ConversionPhase;
  readonly state: 'done' | 'now' | 'later';
}

type ConversionDetail = Extract<JobDetail, { code: 'conversion' }>;

/** The current step of a conversion; null for other work, and before it began. */
export function conversionOf({ detail }: Pick<Job, 'detail'>): ConversionDetail | null {
  return detail?.code === 'conversion' ? detail : null;
}

/** All steps of the job with where it stands; empty while no step is known. */
export function stepsOf(job: Pick<Job, 'detail'>): readonly Step[] {
  const conversion = conversionOf(job);
  if (conversion === null) return [];
  const at = conversion.phases.indexOf(conversion.phase);
  return conversion.phases.map((phase, index) => ({
    phase,
    state: index < at ? 'done' : index === at ? 'now' : 'later',
  }));
}

/** Jobs that make, measure or try models; their progress is in steps. */
export function isConversion({ kind }: Pick<Job, 'kind'>): boolean {
  switch (kind) {
    case 'convert':
    case 'quantize':
    case 'imatrix':
    case 'measure':
    case 'verify_model':
    case 'adapter':
    case 'split':
    case 'merge':
    case 'export':
      return true;
    case 'download':
    case 'verify':
    case 'move':
    case 'limit':
    case 'backend':
      return false;
    default:
      return kind satisfies never;
  }
}
