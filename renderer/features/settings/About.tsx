import type { LoadedModel } from '../../../preload/contract/engine.ts';
import type { SystemInfo } from '../../../preload/contract/system.ts';
import { useLive } from '../../connection/live.ts';
import { useDeveloperMode } from '../../parts/developer-mode.ts';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { formatDuration, formatList } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { wordsFor } from '../../words/error-words.ts';
import { LogButton } from './LogButton.tsx';

type Fact = readonly [name: string, value: string];

/** Version, folders and machine, as text for a bug report. */
export function About({ info }: { info: SystemInfo }) {
  const engine = useLive('engine.watch', {});
  const isDeveloper = useDeveloperMode();
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
      <div className="row">
        <CopyButton
          size="sm"
          label={words.settings.about.copy}
          text={() => facts.map(([name, value]) => `${name}: ${value}`).join('\n')}
        />
        {isDeveloper ? <LogButton shell={info.shell} /> : null}
      </div>
    </div>
  );
}

function systemFacts(info: SystemInfo): Fact[] {
  return [
    [words.settings.about.hearth, words.settings.about.version(info.version, info.shell === 'electron')],
    [words.settings.about.computer, `${info.platform} ${info.architecture}`],
    [words.settings.about.processor, words.settings.about.processorText(info.cpuModel, info.physicalCores)],
    [words.settings.about.node, info.nodeVersion],
    [words.settings.about.dataFolder, info.dataFolder],
    [words.settings.about.log, `${info.dataFolder}${info.dataFolder.includes('\\') ? '\\' : '/'}logs`],
    [words.settings.about.telemetry, words.settings.about.noTelemetry],
    [words.settings.about.hub, info.offline ? words.settings.about.hubOffline(info.hubEndpoint) : info.hubEndpoint],
  ];
}

function engineFact(model: LoadedModel): Fact {
  const name = words.settings.about.engine(model.name);
  if (model.status === 'loading') return [name, words.settings.about.loading];
  if (model.status === 'failed') return [name, model.error ? wordsFor(model.error).title : words.settings.about.failed];
  const facts = [
    model.device,
    words.settings.about.threads(model.threads),
    model.gpuLayers > 0 ? words.settings.about.layers(model.gpuLayers, model.layerCount) : '',
    words.settings.about.context(model.contextSize, model.trainedContextSize),
    words.settings.about.loadTime(formatDuration(model.loadMs)),
  ];
  return [name, formatList(facts.filter((fact) => fact !== ''))];
}
