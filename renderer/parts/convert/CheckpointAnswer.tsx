/** Whether a checkpoint can be converted, and to what: on the page of its repository and beside the models on this computer. */
import { Shapes, Star } from 'lucide-react';
import type { ConversionOutput, ConversionSource, OutputType } from '../../../preload/contract/convert.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { useQuery } from '../../connection/live.ts';
import { openConvert } from '../../navigation/convert-sheet.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Badge } from '../../ui/display/Badge.tsx';
import { Waiting } from '../../ui/display/Waiting.tsx';
import { formatBytes } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { ErrorCard } from '../ErrorCard.tsx';
import { FitBadge } from '../fit/FitBadge.tsx';
import { hubErrorActions } from '../models/hub-error-actions.ts';
import { chatWith } from '../models/model-actions.ts';
import { useJobs } from '../watched.ts';
import { AdapterAnswer, isAdapter } from './AdapterAnswer.tsx';
import { CheckFacts } from './CheckFacts.tsx';
import { ConversionProgress } from './ConversionProgress.tsx';
import { worksOn } from './job-of-source.ts';
import { OutputNotes } from './OutputNotes.tsx';
import { usualOutputs } from './outputs.ts';
import { Refusals } from './Refusals.tsx';
import { useMadeOutputs } from './use-renewed.ts';
import './convert-parts.css';

interface CheckpointAnswerProps {
  readonly source: ConversionSource;
  readonly name: string;
  /** The page around it says the parameters, the license and the like. */
  readonly brief?: boolean;
  /** Whether Convert is the one main act of the page. */
  readonly primary?: boolean;
}

export function CheckpointAnswer({ source, name, brief = false, primary = false }: CheckpointAnswerProps) {
  const { value: check, error, retry } = useQuery('convert.check', { source }, { keep: true });
  const jobs = useJobs().value?.jobs ?? [];
  const repoId = source.kind === 'hub' ? source.repoId : null;
  const made = useMadeOutputs(source, check?.revision);
  const job = jobs.find((one) => one.kind === 'convert' && worksOn(one, source, name));
  if (error) {
    const asked = repoId === null ? null : { repoId, pageUrl: null };
    return <ErrorCard compact error={error} actions={hubErrorActions(error, retry, asked)} />;
  }
  if (!check) return <Waiting text={words.convert.checking} />;
  if (isAdapter(check.refusals)) return <AdapterAnswer source={source} name={name} />;
  const canConvert = check.refusals.length === 0;
  const isDamaged = check.refusals.some(({ code }) => code === 'convert.invalid');
  return (
    <div className="convert-answer">
      <div className="convert-answer-head">
        {canConvert ? (
          <Badge tone="green">{words.convert.canConvert}</Badge>
        ) : (
          <Badge tone="amber">{isDamaged ? words.convert.damaged : words.convert.cannotConvert}</Badge>
        )}
        {canConvert && job === undefined && (
          <Button
            variant={primary && made.size === 0 ? 'primary' : 'secondary'}
            icon={Shapes}
            aria-label={words.convert.convertNamed(name)}
            onClick={() => openConvert({ kind: 'checkpoint', source, name, type: null })}
          >
            {words.convert.convertMore}
          </Button>
        )}
      </div>
      {job !== undefined && <ConversionProgress job={job} />}
      {!canConvert && <Refusals refusals={check.refusals} inRepository={repoId !== null} />}
      <CheckFacts check={check} brief={brief} />
      {canConvert && (
        <OutputTable
          outputs={usualOutputs(check.outputs, made.keys())}
          made={made}
          onChoose={(type) => openConvert({ kind: 'checkpoint', source, name, type })}
        />
      )}
      {check.requests > 0 && (
        <p className="convert-read faint num">{words.convert.readNow(formatBytes(check.readBytes), check.requests)}</p>
      )}
    </div>
  );
}

function OutputTable({
  outputs,
  made,
  onChoose,
}: {
  readonly outputs: readonly ConversionOutput[];
  /** The models here that are such outputs. */
  readonly made: ReadonlyMap<OutputType, LocalModel>;
  readonly onChoose: (type: ConversionOutput['type']) => void;
}) {
  // Before anything was measured on this computer no speed is predicted.
  const hasSpeeds = outputs.some(({ fit }) => fit.tokensPerSecond !== null);
  return (
    <>
      <table className="convert-outputs" aria-label={words.convert.outputs}>
        <thead>
          <tr>
            <th scope="col">{words.convert.columns.type}</th>
            <th scope="col" className="convert-figure">
              {words.convert.columns.size}
            </th>
            <th scope="col">{words.convert.columns.memory}</th>
            {hasSpeeds && (
              <th scope="col" className="convert-figure convert-speed">
                {words.convert.columns.speed}
              </th>
            )}
            <th scope="col" className="convert-act">
              <span className="visually-hidden">{words.convert.columns.act}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {outputs.map((output) => (
            <tr key={output.type}>
              <th scope="row">
                <span className="convert-type">
                  {output.type}
                  {output.isRecommended && (
                    <Badge tone="accent" icon={Star}>
                      {words.convert.recommended}
                    </Badge>
                  )}
                </span>
              </th>
              <td className="convert-figure num">
                {formatBytes(made.get(output.type)?.sizeBytes ?? output.sizeBytes)}
              </td>
              <td>
                <FitBadge fit={output.fit} />
              </td>
              {hasSpeeds && (
                <td className="convert-figure convert-speed num">{words.fit.speedFigure(output.fit) ?? '–'}</td>
              )}
              <OutputAct output={output} made={made.get(output.type)} onChoose={onChoose} />
            </tr>
          ))}
        </tbody>
      </table>
      <OutputNotes outputs={outputs} />
    </>
  );
}

/** One button for both acts, so that it keeps the focus when the conversion that it began ends. */
function OutputAct({
  output: { type, isRecommended },
  made,
  onChoose,
}: {
  readonly output: ConversionOutput;
  readonly made: LocalModel | undefined;
  readonly onChoose: (type: OutputType) => void;
}) {
  const isMade = made !== undefined;
  return (
    <td className="convert-act" data-shown={isMade || isRecommended || undefined}>
      <span className={isMade ? 'convert-made' : undefined}>
        {isMade && (
          <Badge tone="green">
            <span className="convert-made-words">{words.discover.onThisComputer}</span>
          </Badge>
        )}
        <Button
          size="sm"
          variant={isMade ? 'secondary' : 'ghost'}
          aria-label={isMade ? words.models.chatWith(made.name) : words.convert.convertTo(type)}
          onClick={() => (isMade ? chatWith(made.id) : onChoose(type))}
        >
          {isMade ? words.models.chat : words.convert.convert}
        </Button>
      </span>
    </td>
  );
}
