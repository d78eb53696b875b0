/** What the server does at this moment: speed, requests, slots, totals. */
import { useLive } from '../../../connection/live.ts';
import type { ServerLoad } from '../../../../preload/contract/server.ts';
import { Sparkline } from '../../../ui/display/Sparkline.tsx';
import { formatCount, formatFixed, formatInteger } from '../../../words/format.ts';
import { words } from '../../../words/words.ts';
import { queueRows } from './queue-rows.ts';
import { SlotCells } from './SlotCells.tsx';
import { SAMPLES, useSpeeds } from './use-activity.ts';

interface NowCardProps {
  readonly load: ServerLoad;
}

export function NowCard({ load }: NowCardProps) {
  const { activity } = words.server;
  const waiting = load.running.filter(({ phase }) => phase === 'queued').length;
  // The rate is that of the last seconds, and nothing tells that they have passed.
  const speed = load.running.length === 0 ? 0 : load.tokensPerSecond;
  const speeds = useSpeeds(speed);
  const line = [...Array.from({ length: SAMPLES - speeds.length }, () => 0), ...speeds];
  const loaded = (useLive('engine.watch', {}).value?.loaded ?? []).filter(({ status }) => status !== 'failed');
  const figures = [
    { name: activity.running, value: formatInteger(load.running.length - waiting) },
    { name: activity.waiting, value: formatInteger(waiting) },
    { name: activity.requests, value: formatInteger(load.requests) },
    { name: activity.promptTokens, value: formatCount(load.promptTokens) },
    { name: activity.generatedTokens, value: formatCount(load.generatedTokens) },
  ];
  return (
    <section className="card server-now" aria-label={activity.now}>
      <div className="server-speed">
        <p>
          <strong className="num">{formatFixed(speed, speed > 0 && speed < 10 ? 1 : 0)}</strong>
          <span className="secondary">{activity.tokensPerSecond}</span>
        </p>
        <Sparkline values={line} label={activity.speedLine} width={148} height={30} />
      </div>
      <dl className="server-figures">
        {figures.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
      <div className="server-now-slots">
        <h2>{activity.slots}</h2>
        <SlotCells rows={queueRows(loaded, load.running)} />
      </div>
    </section>
  );
}
