/** What goes wrong between a part that was asked for and its last byte, in words: for the log, and as the error that ends a download. */
import { AppError } from '../../../preload/wire/errors.ts';
import { formatInteger } from '../../base/format.ts';
import type { TransferProblem } from './transfer-state.ts';
import { networkError, type Answer } from '../api/connection.ts';
import type { TransferContext, TransferOrder } from './order.ts';

/** What went wrong, for the log. */
export function sentenceOf(problem: TransferProblem): string {
  switch (problem.kind) {
    case 'network':
      return `The connection to ${problem.host} failed (${problem.cause}).`;
    case 'stalled':
      return `Nothing came for ${String(Math.round(problem.stallMs / 1000))} s.`;
    case 'status':
      return `${problem.fromHub ? 'The Hub' : 'The server'} answered with status ${String(problem.status)}.`;
    case 'cut':
      return 'The answer ended too early.';
    case 'wrong_length':
      return `The server's file has ${formatInteger(problem.lengthBytes)} bytes, another number than listed.`;
    case 'wrong_range':
      return 'The server sent another part than was asked for.';
    case 'changed':
      return 'The Hub names another hash for the file than it listed.';
    default:
      return problem satisfies never;
  }
}

/** The error that says it to the user, once no further attempt will better it. */
export function errorOf(
  context: TransferContext,
  order: TransferOrder,
  problem: TransferProblem,
  answer: Answer | null,
): AppError {
  const { repoId, path } = order;
  const host = answer?.host ?? new URL(order.url).host;
  const about = { repoId, path };
  switch (problem.kind) {
    case 'network':
      return networkError(problem.cause, problem.host);
    case 'stalled': {
      const seconds = String(Math.round(problem.stallMs / 1000));
      const sentence = `Nothing came from ${host} for ${seconds} seconds, several times in a row.`;
      return new AppError('hub.offline', sentence, { host, cause: 'stalled' });
    }
    case 'status': {
      // Another host's refusal says nothing about the account at the Hub.
      if (problem.fromHub || problem.status === 429)
        return context.connection.errorFor(problem.status, answer?.response.headers ?? new Headers(), { repoId });
      const sentence = `${host} does not give the file (status ${String(problem.status)}).`;
      return new AppError('hub.bad_response', sentence, { ...about, status: problem.status });
    }
    case 'cut':
      return new AppError('hub.bad_response', `${host} ended the file too early, several times in a row.`, about);
    case 'wrong_length': {
      const expectation = { expectedBytes: order.sizeBytes, sentBytes: problem.lengthBytes };
      return new AppError('hub.bad_response', 'The Hub sends a file of another size than it lists.', {
        ...about,
        ...expectation,
      });
    }
    case 'wrong_range':
      return new AppError('hub.bad_response', `${host} sends another part of the file than was asked for.`, about);
    case 'changed':
      return new AppError(
        'hub.hash_mismatch',
        'The Hub now has another file under this name than it listed. Look at the model again.',
        about,
      );
    default:
      return problem satisfies never;
  }
}
