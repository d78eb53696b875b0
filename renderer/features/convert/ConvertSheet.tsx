/** The choice of an output for a checkpoint or for a model, above the screens. */
import { needsQuantizing, type ConversionSource, type OutputType } from '../../../preload/contract/convert.ts';
import { useCall, useQuery } from '../../connection/live.ts';
import { commands } from '../../navigation/commands.ts';
import type { ConvertSubject } from '../../navigation/convert-sheet.ts';
import { AdapterAnswer, isAdapter } from '../../parts/convert/AdapterAnswer.tsx';
import { CheckFacts } from '../../parts/convert/CheckFacts.tsx';
import { Refusals } from '../../parts/convert/Refusals.tsx';
import { useMadeOutputs } from '../../parts/convert/use-renewed.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { hubErrorActions } from '../../parts/models/hub-error-actions.ts';
import { useLocalModels } from '../../parts/watched.ts';
import { Switch } from '../../ui/controls/Switch.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { Sheet } from '../../ui/layers/Sheet.tsx';
import { toast } from '../../ui/layers/toast.ts';
import { formatBytes } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { ConvertForm, type Chosen } from './ConvertForm.tsx';
import './convert.css';

export function ConvertSheet({ subject, onClose }: { readonly subject: ConvertSubject; readonly onClose: () => void }) {
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()} title={titleOf(subject)} width={620}>
      <div className="sheet-panel convert-panel">
        {subject.kind === 'checkpoint' ? (
          <Checkpoint
            source={subject.source}
            adapter={subject.adapter ?? null}
            name={subject.name}
            first={subject.type}
            onClose={onClose}
          />
        ) : (
          <Model modelId={subject.modelId} name={subject.name} onClose={onClose} />
        )}
      </div>
    </Sheet>
  );
}

function titleOf(subject: ConvertSubject): string {
  switch (subject.kind) {
    case 'checkpoint':
      return subject.adapter === undefined
        ? words.convert.convertNamed(subject.name)
        : words.sideways.mergeNamed(subject.name);
    case 'model':
      return words.convert.quantizeNamed(subject.name);
    default:
      return subject satisfies never;
  }
}

/** Says that the work has begun, with the way to where it shows. */
function tellStart(text: string, jobId: string): void {
  toast({ text, subject: jobId, action: { label: words.ui.show, run: showDownloads } });
}

/** The tray belongs to the frame and is always there; its command opens it. */
const showDownloads = (): void =>
  commands
    .list()
    .find(({ id }) => id === 'models.downloads')
    ?.run();

interface CheckpointProps {
  readonly source: ConversionSource;
  /** What is merged into it; null for nothing. */
  readonly adapter: ConversionSource | null;
  readonly name: string;
  readonly first: OutputType | null;
  readonly onClose: () => void;
}

function Checkpoint({ source, adapter, name, first, onClose }: CheckpointProps) {
  const { value: check, error, retry } = useQuery('convert.check', { source });
  // A model with an adapter in it is none of the base's outputs.
  const made = useMadeOutputs(adapter === null ? source : null, check?.revision);
  const start = useCall('convert.start');
  const asked = source.kind === 'hub' ? { repoId: source.repoId, pageUrl: null } : null;
  if (error) {
    return (
      <div className="convert-body">
        <ErrorCard error={error} actions={hubErrorActions(error, retry, asked)} />
      </div>
    );
  }
  if (!check) {
    return (
      <div className="convert-body">
        <p className="secondary">{words.convert.checking}</p>
        <Skeleton lines={6} />
      </div>
    );
  }
  if (isAdapter(check.refusals)) {
    return (
      <div className="convert-body">
        <AdapterAnswer source={source} name={name} />
      </div>
    );
  }
  if (check.refusals.length > 0) {
    return (
      <div className="convert-body">
        <Refusals refusals={check.refusals} inRepository={source.kind === 'hub'} />
        <CheckFacts check={check} />
      </div>
    );
  }
  const run = async ({ draft, options }: Chosen): Promise<void> => {
    const started = await start.run({
      source,
      adapter,
      type: draft.type,
      keepSource: draft.keepSource,
      quantize: needsQuantizing(draft.type, options) ? options : null,
    });
    if (started === undefined) return;
    onClose();
    tellStart(words.convert.started(name), started.jobId);
  };
  const missing = check.sourceBytes - check.storedBytes;
  const keepHint = (isKept: boolean): string => {
    if (missing === 0) return words.convert.keepSourceHere;
    if (isKept) return words.convert.keepSourceOn(formatBytes(check.sourceBytes));
    return adapter === null ? words.convert.keepSourceOff : words.sideways.baseDeleted;
  };
  return (
    <>
      <div className="convert-facts">
        <CheckFacts check={check} />
      </div>
      <ConvertForm
        outputs={check.outputs}
        made={made}
        first={first}
        layerCount={check.layerCount}
        quantizedAs={null}
        label={words.convert.startAs}
        cost={({ output }) =>
          missing > 0
            ? words.convert.downloadsAndWrites(formatBytes(missing), formatBytes(output.sizeBytes))
            : words.convert.writes(formatBytes(output.sizeBytes))
        }
        {...(source.kind === 'hub'
          ? {
              keep: (draft, change) => (
                <Switch
                  label={words.convert.keepSource}
                  hint={keepHint(draft.keepSource)}
                  checked={draft.keepSource || missing === 0}
                  disabled={missing === 0}
                  onChange={(keepSource) => change({ keepSource })}
                />
              ),
            }
          : {})}
        onStart={(chosen) => void run(chosen)}
        pending={start.pending}
        error={start.error}
        errorActions={start.error === null ? [] : hubErrorActions(start.error, start.clearError, asked)}
      />
    </>
  );
}

interface ModelProps {
  readonly modelId: string;
  readonly name: string;
  readonly onClose: () => void;
}

function Model({ modelId, name, onClose }: ModelProps) {
  const { value: answer, error, retry } = useQuery('convert.outputs', { modelId });
  const model = useLocalModels().value?.models.find(({ id }) => id === modelId);
  const start = useCall('convert.quantize');
  if (error || !answer) {
    return (
      <div className="convert-body">{error ? <ErrorCard error={error} onRetry={retry} /> : <Skeleton lines={6} />}</div>
    );
  }
  const run = async ({ draft, options }: Chosen): Promise<void> => {
    const started = await start.run({ modelId, type: draft.type, options });
    if (started === undefined) return;
    onClose();
    tellStart(words.convert.quantizeStarted(name), started.jobId);
  };
  return (
    <ConvertForm
      outputs={answer.outputs}
      first={null}
      layerCount={answer.layerCount}
      quantizedAs={answer.isQuantized ? (model?.quantization ?? words.convert.quantized) : null}
      label={words.convert.quantizeTo}
      cost={(chosen, canStart) => <PredictedSize modelId={modelId} chosen={chosen} enabled={canStart} />}
      onStart={(chosen) => void run(chosen)}
      pending={start.pending}
      error={start.error}
      errorActions={start.error === null ? [] : [{ label: words.ui.dismiss, run: start.clearError }]}
    />
  );
}

/** The size by libllama's own calculation once it is known, the predicted one before. */
function PredictedSize({
  modelId,
  chosen,
  enabled,
}: {
  readonly modelId: string;
  readonly chosen: Chosen;
  readonly enabled: boolean;
}) {
  // The text of a matrix is megabytes and changes no size.
  const options = { ...chosen.options, imatrix: { kind: 'none' } as const };
  const { value } = useQuery('convert.predictSize', { modelId, type: chosen.draft.type, options }, { enabled });
  return value === undefined
    ? words.convert.writes(formatBytes(chosen.output.sizeBytes))
    : words.convert.writesExactly(formatBytes(value.sizeBytes));
}
