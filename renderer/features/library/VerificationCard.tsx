/** How a model that Hearth made was made, and what its verification found. */
import { ChartScatter, Shapes, ShieldAlert, ShieldCheck, TriangleAlert } from 'lucide-react';
import type { ConversionRecord, Verification } from '../../../preload/contract/convert.ts';
import { useQuery } from '../../connection/live.ts';
import { openConvert } from '../../navigation/convert-sheet.ts';
import { navigate } from '../../navigation/router.ts';
import { measuredLoss, wholeModelOf } from '../../parts/convert/pruned.ts';
import { useEndings, useRenewal } from '../../parts/convert/use-renewed.ts';
import { useLocalModels } from '../../parts/watched.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Badge } from '../../ui/display/Badge.tsx';
import { formatDate, formatRelativeDate } from '../../words/format.ts';
import { wordsFor } from '../../words/error-words.ts';
import { words } from '../../words/words.ts';

interface VerificationCardProps {
  readonly modelId: string;
  readonly record: ConversionRecord;
  /** Of all models here that Hearth made. */
  readonly records: ReadonlyMap<string, ConversionRecord>;
}

export function VerificationCard({ modelId, record, records }: VerificationCardProps) {
  const { sourceName, sourceRevision, converterVersion, verification } = record;
  return (
    <section className="models-verification card" aria-label={words.convert.verification}>
      <header>
        <h3>{words.convert.verification}</h3>
        <VerificationBadge verification={verification} />
        {verification !== null && (
          <time className="secondary" title={formatDate(verification.at)}>
            {formatRelativeDate(verification.at)}
          </time>
        )}
      </header>
      {verification !== null && <Found verification={verification} />}
      {verification?.result === 'failed' && <Help record={record} />}
      {record.prunedLayerCount > 0 && <Pruned modelId={modelId} record={record} records={records} />}
      <p className="secondary">
        {words.convert.madeFrom(sourceName, sourceRevision?.slice(0, 10) ?? null, converterVersion)}
      </p>
    </section>
  );
}

/** What helps with a model that failed. */
function Help({ record }: { readonly record: ConversionRecord }) {
  const { sourceName, sourceRepoId: repoId, sourceRevision: revision } = record;
  return (
    <>
      <p>{words.convert.failedHelp}</p>
      {repoId !== null && (
        <div>
          <Button
            size="sm"
            icon={Shapes}
            onClick={() =>
              openConvert({
                kind: 'checkpoint',
                source: { kind: 'hub', repoId, revision: revision ?? 'main' },
                name: sourceName,
                type: null,
              })
            }
          >
            {words.convert.convertAgain}
          </Button>
        </div>
      )}
    </>
  );
}

/** The warning of a model that lacks layers, and what that costs: measured, or to be measured. */
function Pruned({ modelId, record, records }: VerificationCardProps) {
  const here = new Set(useLocalModels().value?.models.map(({ id }) => id));
  const { value, retry } = useQuery('convert.measurements', {}, { keep: true });
  useRenewal(useEndings(['measure']), retry);
  const wholeId = wholeModelOf(modelId, records, here);
  const loss = wholeId === null ? null : measuredLoss(modelId, wholeId, value?.measurements ?? []);
  return (
    <div className="caution models-pruned" role="group" aria-label={words.convert.pruned(record.prunedLayerCount)}>
      <TriangleAlert size={15} aria-hidden="true" />
      <div>
        <p>{words.convert.prunedText(record.prunedLayerCount)}</p>
        {loss !== null && <p className="num">{words.quality.loss(loss)}</p>}
        {wholeId === null ? (
          <p className="secondary">{words.convert.prunedAlone}</p>
        ) : (
          <Button
            size="sm"
            icon={ChartScatter}
            onClick={() => navigate({ screen: 'models', tab: 'quality', subject: modelId })}
          >
            {loss === null ? words.convert.measureLoss : words.convert.measureLossAgain}
          </Button>
        )}
      </div>
    </div>
  );
}

export function VerificationBadge({ verification }: { readonly verification: Verification | null }) {
  if (verification === null) return <Badge>{words.convert.notVerified}</Badge>;
  return verification.result === 'passed' ? (
    <Badge tone="green" icon={ShieldCheck}>
      {words.convert.verified}
    </Badge>
  ) : (
    <Badge tone="red" icon={ShieldAlert}>
      {words.convert.verificationFailed}
    </Badge>
  );
}

function Found({ verification }: { readonly verification: Verification }) {
  const { tokenizer, error } = verification;
  const mismatch = tokenizer?.firstMismatch ?? null;
  const failure = error === null ? null : wordsFor(error);
  return (
    <>
      {failure !== null && (
        <p>
          <strong>{words.errors.asSentence(failure.title)}</strong> {failure.text}
        </p>
      )}
      <p>{words.convert.found(verification)}</p>
      {mismatch !== null && (
        <details className="models-mismatch">
          <summary>{words.convert.firstDifference}</summary>
          <pre className="code-box">{mismatch.text}</pre>
          <dl>
            <div>
              <dt>{words.convert.expectedIds}</dt>
              <dd className="mono">{idsOf(mismatch.expected)}</dd>
            </div>
            <div>
              <dt>{words.convert.foundIds}</dt>
              <dd className="mono">{idsOf(mismatch.found)}</dd>
            </div>
          </dl>
        </details>
      )}
      {verification.generated !== null && verification.generated.text !== '' && (
        <blockquote className="models-generated" dir="auto">
          {verification.generated.text}
        </blockquote>
      )}
    </>
  );
}

const MAX_IDS = 64;

const idsOf = (ids: readonly number[]): string =>
  `${ids.slice(0, MAX_IDS).join(' ')}${ids.length > MAX_IDS ? ' …' : ''}`;
