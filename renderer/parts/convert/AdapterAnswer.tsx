/** What an adapter is, and what can be made of it: merged into its base, or a GGUF file beside one. */
import { FilePlus2, Merge } from 'lucide-react';
import { useState } from 'react';
import type { AdapterCheck, ConversionSource } from '../../../preload/contract/convert.ts';
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import { parseModelReference } from '../../../preload/contract/model-reference.ts';
import { attempt } from '../../connection/attempt.ts';
import { useQuery } from '../../connection/live.ts';
import { openConvert } from '../../navigation/convert-sheet.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Badge } from '../../ui/display/Badge.tsx';
import { Waiting } from '../../ui/display/Waiting.tsx';
import { formatBytes } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { ErrorCard } from '../ErrorCard.tsx';
import { hubErrorActions } from '../models/hub-error-actions.ts';
import { tellStarted } from '../models/model-actions.ts';
import { useJobs } from '../watched.ts';
import { ConversionProgress } from './ConversionProgress.tsx';
import { worksOn } from './job-of-source.ts';
import { Refusals } from './Refusals.tsx';
import { useConversionRecords, useStoredCheckpoints } from './use-renewed.ts';
import './convert-parts.css';

interface AdapterAnswerProps {
  readonly source: ConversionSource;
  readonly name: string;
}

/** Whether an early check found an adapter in place of a whole model. */
export const isAdapter = (refusals: readonly ErrorBody[]): boolean =>
  refusals.some(({ data }) => data?.['reason'] === 'adapter');

export function AdapterAnswer({ source, name }: AdapterAnswerProps) {
  const { value: adapter, error, retry } = useQuery('convert.checkAdapter', { adapter: source, base: null });
  const jobs = useJobs().value?.jobs ?? [];
  const repoId = source.kind === 'hub' ? source.repoId : null;
  const job = jobs.find((one) => worksOn(one, source, name));
  if (error) {
    const asked = repoId === null ? null : { repoId, pageUrl: null };
    return <ErrorCard compact error={error} actions={hubErrorActions(error, retry, asked)} />;
  }
  if (!adapter) return <Waiting text={words.convert.checking} />;
  return (
    <section className="convert-answer" aria-label={words.sideways.adapterOf(name)}>
      <div className="convert-answer-head">
        <Badge>{words.sideways.adapter}</Badge>
      </div>
      {adapter.refusal === null ? (
        <p>
          {adapter.baseName === '' ? words.sideways.isForUnknown : words.sideways.isFor(adapter.baseName)}{' '}
          {words.sideways.changes(adapter.changedCount)}
        </p>
      ) : (
        <Refusals refusals={[adapter.refusal]} inRepository={repoId !== null} />
      )}
      {job !== undefined && <ConversionProgress job={job} />}
      {adapter.refusal === null && <WithBase adapter={adapter} source={source} name={name} />}
    </section>
  );
}

const OTHER = 'other';

/** The choice of a base, and the acts with it. */
function WithBase({ adapter, source, name }: AdapterAnswerProps & { readonly adapter: AdapterCheck }) {
  const stored = useStoredCheckpoints().map(({ repoId }) => repoId);
  const made = [...useConversionRecords().values()].flatMap(({ sourceRepoId }) => sourceRepoId ?? []);
  const [chosen, setChosen] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const own = adapter.baseRepoId === null ? [] : [adapter.baseRepoId];
  const known = [...new Set([...own, ...(chosen === null || chosen === OTHER ? [] : [chosen]), ...stored, ...made])];
  const value = chosen ?? own[0] ?? OTHER;
  const repository = parseModelReference(typed)?.repoId ?? null;
  return (
    <>
      <Select
        label={words.sideways.base}
        hint={words.sideways.baseHint}
        value={value}
        onChange={setChosen}
        options={[
          ...known.map((repoId) => ({ value: repoId, label: repoId })),
          { value: OTHER, label: words.sideways.otherBase },
        ]}
      />
      {value === OTHER ? (
        <form
          className="convert-base-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (repository !== null) setChosen(repository);
          }}
        >
          <TextField
            label={words.sideways.repository}
            placeholder={words.sideways.repositoryForm}
            value={typed}
            onChange={setTyped}
          />
          <Button type="submit" disabled={repository === null}>
            {words.sideways.useBase}
          </Button>
        </form>
      ) : (
        <Acts key={value} adapter={source} name={name} base={{ kind: 'hub', repoId: value, revision: 'main' }} />
      )}
    </>
  );
}

interface ActsProps {
  readonly adapter: ConversionSource;
  readonly name: string;
  readonly base: Extract<ConversionSource, { kind: 'hub' }>;
}

function Acts({ adapter, name, base }: ActsProps) {
  const check = useQuery('convert.check', { source: base });
  const pair = useQuery('convert.checkAdapter', { adapter, base });
  const error = check.error ?? pair.error;
  if (error) {
    const retry = (): void => [check, pair].forEach((one) => one.retry());
    return (
      <ErrorCard
        compact
        error={error}
        actions={hubErrorActions(error, retry, { repoId: base.repoId, pageUrl: null })}
      />
    );
  }
  if (!check.value || !pair.value) return <Waiting text={words.sideways.checkingBase} />;
  const { refusals, sourceBytes, storedBytes } = check.value;
  const { merged, alone } = pair.value.withBase ?? { merged: null, alone: null };
  const canMerge = refusals.length === 0 && merged === null;
  const keep = async (): Promise<void> => {
    const started = await attempt('convert.adapter', { adapter, base, type: 'F16' });
    if (started) tellStarted(started.jobId, words.sideways.aloneStarted(name));
  };
  return (
    <>
      {refusals.length > 0 && <Refusals refusals={refusals} inRepository />}
      {refusals.length === 0 && merged !== null && (
        <p className="field-error" role="status">
          {words.sideways.doesNotFit(base.repoId, tensorOf(merged))}
        </p>
      )}
      {canMerge && <p className="secondary num">{baseWords(sourceBytes, storedBytes)}</p>}
      <ul className="convert-acts">
        <li>
          <p className="secondary">{words.sideways.mergeText}</p>
          <Button
            variant="primary"
            icon={Merge}
            disabled={!canMerge}
            onClick={() => openConvert({ kind: 'checkpoint', source: base, adapter, name, type: null })}
          >
            {words.sideways.merge}
          </Button>
        </li>
        <li>
          <p className="secondary">{words.sideways.aloneText}</p>
          <Button icon={FilePlus2} disabled={alone !== null} onClick={() => void keep()}>
            {words.sideways.alone}
          </Button>
        </li>
      </ul>
      {alone !== null && canMerge && <Refusals refusals={[alone]} inRepository />}
    </>
  );
}

const tensorOf = ({ data }: ErrorBody): string => (typeof data?.['tensor'] === 'string' ? data['tensor'] : '');

function baseWords(sourceBytes: number, storedBytes: number): string {
  if (storedBytes >= sourceBytes) return words.sideways.baseHere(formatBytes(sourceBytes));
  const missing = formatBytes(sourceBytes - storedBytes);
  return storedBytes > 0 ? words.sideways.basePartly(missing) : words.sideways.baseRemote(missing);
}
