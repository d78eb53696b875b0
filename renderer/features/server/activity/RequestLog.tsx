/** The live log of requests, newest first. */
import { ListTree, Pause, Play, Search, Trash2 } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { ApiRequest, ServerState } from '../../../../preload/contract/server.ts';
import { attempt } from '../../../connection/attempt.ts';
import { useDeveloperMode } from '../../../parts/developer-mode.ts';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { SegmentedControl } from '../../../ui/controls/SegmentedControl.tsx';
import { Switch } from '../../../ui/controls/Switch.tsx';
import { TextField } from '../../../ui/controls/TextField.tsx';
import { EmptyState } from '../../../ui/display/EmptyState.tsx';
import { onListKeys } from '../../../ui/list-keys.ts';
import { toast } from '../../../ui/layers/toast.ts';
import { words } from '../../../words/words.ts';
import { filtered, newerThan, type RequestKind } from './log.ts';
import { RequestRow } from './RequestRow.tsx';
import { RequestSheet } from './RequestSheet.tsx';

interface RequestLogProps {
  readonly requests: readonly ApiRequest[];
  readonly server: ServerState;
}

/** Asks main to end a request; one that has ended by itself needs no words. */
async function endRequest(requestId: string): Promise<void> {
  if ((await attempt('server.endRequest', { requestId })) !== undefined) toast({ text: words.server.activity.ended });
}

export function RequestLog({ requests, server }: RequestLogProps) {
  const isDeveloper = useDeveloperMode();
  const { activity } = words.server;
  const [text, setText] = useState('');
  const [kind, setKind] = useState<RequestKind>('all');
  /** The list as it was when the log was paused. */
  const [paused, setPaused] = useState<readonly ApiRequest[] | null>(null);
  const [openId, setOpenId] = useState<string | null>(null);
  const more = paused === null ? 0 : newerThan(requests, paused[0]);
  const shown = filtered(paused ?? requests, { text, kind });
  const open = requests.find(({ id }) => id === openId) ?? paused?.find(({ id }) => id === openId);
  const end = useCallback((id: string) => void endRequest(id), []);
  const keepContents = (logContents: boolean): void => void attempt('server.update', { logContents });
  return (
    <section className="server-log" aria-label={activity.log}>
      <div className="server-log-tools">
        <h2>{activity.log}</h2>
        <TextField
          label={activity.filter}
          labelHidden
          size="sm"
          icon={Search}
          type="search"
          placeholder={activity.filterPlaceholder}
          maxLength={200}
          value={text}
          onChange={setText}
        />
        <SegmentedControl
          label={activity.show}
          size="sm"
          value={kind}
          onChange={setKind}
          options={(['all', 'running', 'failed'] as const).map((value) => ({ value, label: activity.kinds[value] }))}
        />
        <span className="server-log-acts">
          {paused === null ? null : (
            <span className="secondary num" role="status">
              {activity.paused(more)}
            </span>
          )}
          <IconButton
            size="sm"
            icon={paused === null ? Pause : Play}
            label={paused === null ? activity.pause : activity.resume}
            pressed={paused !== null}
            onClick={() => setPaused(paused === null ? requests : null)}
          />
          <IconButton
            size="sm"
            icon={Trash2}
            label={activity.clear}
            disabled={requests.length === 0 && paused === null}
            onClick={() => {
              setPaused(null);
              void attempt('server.clearLog', {});
            }}
          />
        </span>
      </div>
      {isDeveloper || server.settings.logContents ? (
        <div className="server-log-contents">
          <Switch
            label={activity.contents}
            hint={activity.contentsHint}
            checked={server.settings.logContents}
            onChange={keepContents}
          />
        </div>
      ) : null}
      {shown.length === 0 ? (
        <EmptyState
          compact
          icon={ListTree}
          title={requests.length === 0 ? activity.logEmpty : activity.noMatch}
          text={
            requests.length > 0
              ? activity.noMatchText
              : server.status === 'on'
                ? activity.logEmptyOn
                : activity.logEmptyOff
          }
        />
      ) : (
        <table className="server-requests">
          <Columns />
          <tbody onKeyDown={onListKeys}>
            {shown.map((request) => (
              <RequestRow
                key={request.id}
                request={request}
                isOpen={request.id === openId}
                onOpen={setOpenId}
                onEnd={end}
              />
            ))}
          </tbody>
        </table>
      )}
      {open === undefined ? null : (
        <RequestSheet
          request={open}
          keepsContents={server.settings.logContents}
          onKeepContents={() => keepContents(true)}
          onEnd={end}
          onClose={() => setOpenId(null)}
        />
      )}
    </section>
  );
}

function Columns() {
  const { columns } = words.server.activity;
  return (
    <thead>
      <tr>
        <th scope="col">{columns.time}</th>
        <th scope="col" data-from="wide">
          {columns.program}
        </th>
        <th scope="col">{columns.endpoint}</th>
        <th scope="col" data-from="middle">
          {columns.model}
        </th>
        <th scope="col">{columns.status}</th>
        <th scope="col" className="server-number">
          {columns.tokens}
        </th>
        <th scope="col" className="server-number" data-from="middle">
          {columns.speed}
        </th>
        <th scope="col" className="server-number" data-from="wide">
          {columns.first}
        </th>
        <th scope="col" className="server-number">
          {columns.total}
        </th>
        <th scope="col" className="server-act">
          <span className="visually-hidden">{columns.act}</span>
        </th>
      </tr>
    </thead>
  );
}
