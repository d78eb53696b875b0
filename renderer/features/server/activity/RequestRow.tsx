import { CircleStop } from 'lucide-react';
import { memo } from 'react';
import type { ApiRequest } from '../../../../preload/contract/server.ts';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { formatClock, formatInteger } from '../../../words/format.ts';
import { words } from '../../../words/words.ts';
import { RequestStatus } from './RequestStatus.tsx';
import { durationOf, shortModel, shortProgram, speedOf, tokensOf } from './request-words.ts';

interface RequestRowProps {
  readonly request: ApiRequest;
  readonly isOpen: boolean;
  readonly onOpen: (id: string) => void;
  readonly onEnd: (id: string) => void;
}

/** One line of the log. Requests that did not change are not rendered again: a busy log has ten changes a second. */
export const RequestRow = memo(function RequestRow({ request, isOpen, onOpen, onEnd }: RequestRowProps) {
  const { id, at, program, method, path, modelId, phase, firstTokenMs, totalMs, promptTokens, generatedTokens } =
    request;
  const { activity } = words.server;
  const time = formatClock(at);
  return (
    <tr data-open={isOpen || undefined} onClick={() => onOpen(id)}>
      <td className="num">
        <button
          type="button"
          className="server-open"
          data-row
          aria-label={activity.open(`${method} ${path}`, time)}
          aria-haspopup="dialog"
          onClick={(event) => {
            event.stopPropagation();
            onOpen(id);
          }}
        >
          {time}
        </button>
      </td>
      <td data-from="wide">
        <span className="truncate" title={program}>
          {shortProgram(program)}
        </span>
      </td>
      <td>
        <span className="truncate mono" title={`${method} ${path}`}>
          {path}
        </span>
      </td>
      <td data-from="middle">
        <span className="truncate" title={modelId ?? undefined}>
          {shortModel(modelId)}
        </span>
      </td>
      <td>
        <RequestStatus request={request} />
      </td>
      <td className="num server-number">
        <span aria-hidden="true">{tokensOf(request)}</span>
        <span className="visually-hidden">
          {promptTokens === null && generatedTokens === 0
            ? ''
            : promptTokens === null
              ? formatInteger(generatedTokens)
              : activity.tokensSpoken(promptTokens, generatedTokens)}
        </span>
      </td>
      <td className="num server-number" data-from="middle">
        {speedOf(request)}
      </td>
      <td className="num server-number" data-from="wide">
        {durationOf(firstTokenMs)}
      </td>
      <td className="num server-number">{durationOf(totalMs)}</td>
      <td className="server-act">
        {phase === 'ended' ? null : (
          <IconButton
            size="sm"
            icon={CircleStop}
            label={activity.end(path)}
            onClick={(event) => {
              event.stopPropagation();
              onEnd(id);
            }}
          />
        )}
      </td>
    </tr>
  );
});
