import type { LoadedModel } from '../../../preload/contract/engine.ts';
import type { SystemInfo } from '../../../preload/contract/system.ts';
import { useLive } from '../../connection/live.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { formatDuration, formatInteger } from '../../words/format.ts';

type Fact = readonly [name: string, value: string];

/** Version, places and machine, as text that can be put into a report. */
export function About({ info }: { info: SystemInfo }) {
  const engine = useLive('engine.watch', {});
  const facts = [...systemFacts(info), ...(engine.value?.loaded ?? []).map(engineFact)];
  return (
    <div className="stack">
      <dl className="card settings-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="secondary">{name}</dt>
            <dd className="num">
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <div>
        <CopyButton
          size="sm"
          label="Copy for a report"
          text={() => facts.map(([name, value]) => `${name}: ${value}`).join('\n')}
        />
      </div>
    </div>
  );
}

function systemFacts(info: SystemInfo): Fact[] {
  return [
    ['Hearth', `${info.version}, ${info.shell === 'electron' ? 'desktop app' : 'in a browser'}`],
    ['Computer', `${info.platform} ${info.architecture}`],
    ['Processor', `${info.cpuModel}, ${info.physicalCores} ${info.physicalCores === 1 ? 'core' : 'cores'}`],
    ['Node', info.nodeVersion],
    ['Data folder', info.dataFolder],
    ['Hub', info.offline ? `${info.hubEndpoint} (offline mode)` : info.hubEndpoint],
  ];
}

function engineFact(model: LoadedModel): Fact {
  if (model.status === 'loading') return [`Engine: ${model.name}`, 'loading'];
  if (model.status === 'failed') return [`Engine: ${model.name}`, model.error?.message ?? 'failed'];
  const layers = model.gpuLayers > 0 ? `, ${model.gpuLayers} of ${model.layerCount} layers on the GPU` : '';
  const threads = `${model.threads} ${model.threads === 1 ? 'thread' : 'threads'}`;
  const context = `${formatInteger(model.contextSize)} of ${formatInteger(model.trainedContextSize)} tokens of context`;
  return [
    `Engine: ${model.name}`,
    `${model.device}, ${threads}${layers}, ${context}, loaded in ${formatDuration(model.loadMs)}`,
  ];
}
