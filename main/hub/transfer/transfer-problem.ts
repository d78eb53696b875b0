/** The words for a failed attempt: one line for the log, and the error when the download gives up. */
import { AppError } from '../../../preload/wire/errors.ts';
import { formatInteger } from '../../base/format.ts';
import type { TransferProblem } from './transfer-state.ts';
import { networkError, type Answer } from '../api/hub-client.ts';
import type { TransferContext, TransferOrder } from './order.ts';

/** One sentence for the log. */
export function sentenceOf(problem: TransferProblem): string {
  switch (problem.kind) {
    case 'network':
      return `The connection to ${problem.host} failed (${problem.cause}).`;
    case 'proxy':
      return problem.error.message;
    case 'stalled':
      return `No data for ${String(Math.round(problem.stallMs / 1000))} s.`;
    case 'status':
      return `${problem.fromHub ? 'The Hub' : 'The server'} answered with status ${String(problem.status)}.`;
    case 'cut':
      return 'The response ended too early.';
    case 'wrong_length':
      return `The server's file has ${formatInteger(problem.lengthBytes)} bytes, which is not the size that the Hub lists.`;
    case 'wrong_range':
      return 'The server sent another range than was requested.';
    case 'changed':
      return 'The Hub now names another hash for the file than it listed.';
    default:
      return problem satisfies never;
  }
}

/** The error for the user, when no further attempt is made. */
export function errorOf(
  context: Pick<TransferContext, 'client'>,
  order: Pick<TransferOrder, 'repoId' | 'path' | 'url' | 'sizeBytes'>,
  problem: TransferProblem,
  answer: Answer | null,
): AppError {
  const { repoId, path } = order;
  const host = answer?.host ?? new URL(order.url).host;
  const about = { repoId, path };
  switch (problem.kind) {
    case 'network':
      return networkError(problem.cause, problem.host);
    case 'proxy':
      return problem.error;
    case 'stalled': {
      const seconds = String(Math.round(problem.stallMs / 1000));
      const sentence = `No data came from ${host} for ${seconds} seconds, several times in a row.`;
      return new AppError('hub.offline', sentence, { host, cause: 'stalled' });
    }
    case 'status': {
      // A refusal by a redirect target says nothing about the account at the Hub.
      if (problem.fromHub || problem.status === 429)
        return context.client.errorFor(problem.status, answer?.response.headers ?? new Headers(), { repoId });
      const sentence = `${host} does not give the file (status ${String(problem.status)}).`;
      return new AppError('hub.bad_response', sentence, { ...about, status: problem.status });
    }
    case 'cut':
      return new AppError('hub.bad_response', `${host} ended the file too early, several times in a row.`, {
        ...about,
        reason: 'ended_early',
      });
    case 'wrong_length': {
      const expectation = { expectedBytes: order.sizeBytes, sentBytes: problem.lengthBytes };
      return new AppError('hub.bad_response', 'The Hub sends a file of a different size from the one it lists.', {
        reason: 'size_differs',
        ...about,
        ...expectation,
      });
    }
    case 'wrong_range':
      return new AppError('hub.bad_response', `${host} sends another range of the file than was requested.`, {
        ...about,
        reason: 'wrong_range',
      });
    case 'changed':
      return new AppError(
        'hub.hash_mismatch',
        'The Hub now has another file under this name than it listed. Look at the model again.',
        { ...about, reason: 'changed' },
      );
    default:
      return problem satisfies never;
  }
}
