import { CircleCheck, Cpu, Download, MonitorCog } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { Backend, Device, Hardware } from '../../../preload/contract/engine.ts';
import type { Job, JobsEvent } from '../../../preload/contract/jobs.ts';
import { useCall, useLiveReduce } from '../../connection/live.ts';
import { Badge } from '../../ui/display/Badge.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatBytes, formatPercent } from '../../words/format.ts';
import { MeterBar } from '../../ui/display/MeterBar.tsx';
import { ProgressBar } from '../../ui/display/ProgressBar.tsx';
import { backendWords } from './backend-words.ts';
import { words } from '../../words/words.ts';

/** The devices that models can run on, and GPU support that could be installed. `onChange` asks again. */
export function HardwareCard({ hardware, onChange }: { readonly hardware: Hardware; readonly onChange: () => void }) {
  const running = useLiveReduce('jobs.watch', {}, foldBackendJobs, noJobs).value ?? noJobs;
  const jobs = [...running.values()];
  const before = useRef(jobs.length);
  useEffect(() => {
    // A smaller number means that a job ended: the installed support may have changed.
    if (jobs.length < before.current) onChange();
    before.current = jobs.length;
  }, [jobs.length, onChange]);
  return (
    <section className="card settings-hardware" aria-label={words.settings.hardware.title}>
      <ul className="settings-devices">
        {hardware.devices.map((device) => (
          <DeviceRow key={`${device.kind} ${device.name}`} device={device} hardware={hardware} />
        ))}
      </ul>
      <ul className="settings-backends" aria-label={words.settings.hardware.backends}>
        {hardware.backends.map((backend) => (
          <BackendRow key={backend.id} backend={backend} job={jobs.find(({ subject }) => subject === backend.id)} />
        ))}
      </ul>
    </section>
  );
}

type JobMap = ReadonlyMap<string, Job>;
const noJobs: JobMap = new Map();

/** The unfinished jobs that download a backend. */
function foldBackendJobs(jobs: JobMap, event: JobsEvent): JobMap {
  const isUnfinished = (job: Job): boolean => job.kind === 'backend' && job.state !== 'done' && job.state !== 'failed';
  switch (event.type) {
    case 'snapshot':
      return new Map(event.jobs.filter(isUnfinished).map((job) => [job.id, job]));
    case 'job': {
      if (!isUnfinished(event.job) && !jobs.has(event.job.id)) return jobs;
      const next = new Map(jobs);
      if (isUnfinished(event.job)) next.set(event.job.id, event.job);
      else next.delete(event.job.id);
      return next;
    }
    case 'removed': {
      if (!jobs.has(event.jobId)) return jobs;
      const next = new Map(jobs);
      next.delete(event.jobId);
      return next;
    }
    default:
      return event satisfies never;
  }
}

function DeviceRow({ device, hardware }: { device: Device; hardware: Hardware }) {
  const used = Math.max(0, device.totalBytes - device.freeBytes);
  const Icon = device.kind === 'cpu' ? Cpu : MonitorCog;
  return (
    <li>
      <div className="settings-device-head">
        <Icon size={16} aria-hidden="true" />
        <span className="truncate">{device.name}</span>
        <span className="num secondary">
          {words.settings.hardware.free(formatBytes(device.freeBytes), formatBytes(device.totalBytes))}
        </span>
      </div>
      <MeterBar
        label={device.kind === 'cpu' ? words.gauge.ram : words.gauge.graphicsMemory(device.name)}
        total={device.totalBytes}
        parts={[
          {
            key: 'used',
            label: words.settings.hardware.inUse(formatBytes(used)),
            value: used,
            color: 'var(--c-other)',
          },
        ]}
      />
      {device.kind === 'cpu' ? (
        <p className="secondary num">
          {hardware.cpuFeatures.length > 0
            ? words.settings.hardware.coresAndFeatures(
                words.settings.hardware.cores(hardware.physicalCores),
                hardware.cpuFeatures.join(', '),
              )
            : words.settings.hardware.cores(hardware.physicalCores)}
        </p>
      ) : null}
    </li>
  );
}

function BackendRow({ backend, job }: { backend: Backend; job: Job | undefined }) {
  const install = useCall('engine.installBackend');
  const { id } = backend;
  const canInstall = backend.available && !backend.installed && id !== 'metal';
  return (
    <li>
      <div className="settings-backend">
        <span className="settings-backend-words">
          <span>{words.settings.backends.names[id]}</span>
          <span className="field-hint">{backendWords(backend)}</span>
        </span>
        {backend.installed && backend.problem === null ? (
          <Badge tone="green" icon={CircleCheck}>
            {words.settings.hardware.badge}
          </Badge>
        ) : null}
        {canInstall && !job ? (
          <Button
            size="sm"
            variant={backend.problem === null ? 'secondary' : 'ghost'}
            icon={Download}
            aria-label={words.settings.hardware.installNamed(words.settings.backends.names[id])}
            loading={install.pending}
            onClick={() => void install.run({ backend: id })}
          >
            {words.settings.hardware.install}
          </Button>
        ) : null}
      </div>
      {job ? (
        <div className="settings-backend-job">
          <ProgressBar
            value={job.totalBytes > 0 ? job.doneBytes / job.totalBytes : null}
            label={words.settings.hardware.installing(words.settings.backends.names[id])}
            size="sm"
          />
          <span className="num secondary">
            {job.totalBytes > 0 ? formatPercent(job.doneBytes / job.totalBytes) : words.settings.hardware.starting}
          </span>
        </div>
      ) : null}
      {install.error ? <ErrorCard error={install.error} compact /> : null}
    </li>
  );
}
