/** Makes one typed error from the end of an engine child. */
import { AppError } from '../../../../preload/wire/errors.ts';
import type { ChildEnd } from '../../../process/child-end.ts';

/** Windows ends a process with an NTSTATUS where other systems send a signal. */
const windowsSignals: Readonly<Record<number, NodeJS.Signals>> = {
  0xc0000005: 'SIGSEGV',
  0xc0000006: 'SIGBUS',
  0xc00000fd: 'SIGSEGV',
  0xc0000409: 'SIGABRT',
  0xc000001d: 'SIGILL',
};
/** The exit code of a Windows process with a missing library. */
const WINDOWS_DLL_NOT_FOUND = 0xc0000135;

/** Sentences for some signals. SIGBUS comes from reading a mapped file that was cut short or whose disk is gone. */
const plainEnds: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGABRT: 'The engine stopped at an internal error.',
  SIGBUS: 'The model file could no longer be read: it was cut short, or its disk is gone.',
  SIGFPE: 'The engine made a calculation that no processor can do.',
  SIGSEGV: 'The engine reached for memory that is not its own, and the system ended it.',
};

/** Messages of the C++ and JavaScript runtimes, Vulkan, Metal and ggml for refused memory. ggml's assertions name the missing buffer. */
const OUT_OF_MEMORY =
  /out ?of ?(device|host)? ?memory|bad_alloc|cannot allocate|allocation failed|failed to allocate|length_error|GGML_ASSERT\([\w>.-]*(buffer|buf|data)( != (NULL|nullptr))?\) failed/i;

/**
 * The error for everyone who waited for a child that ended. A killed process does not know who killed it, so the sentence names only the
 * usual cause. `data.reason` is the signal or the exit code, `data.detail` the most telling line of its standard error.
 */
export function crashError(end: ChildEnd): AppError {
  const signal = end.signal ?? (end.code === null ? null : (windowsSignals[end.code] ?? null));
  const reason = signal ?? `exit code ${end.code ?? 'unknown'}`;
  const lines = end.stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^Node\.js v\d|^at /.test(line));
  const detail = (lines.find((line) => /error|fail|abort|assert/i.test(line)) ?? lines.at(-1) ?? '').slice(0, 300);
  const data = { reason, ...(detail === '' ? {} : { detail }) };

  if (signal === 'SIGILL')
    return new AppError('engine.crashed', 'The engine used an instruction that this processor does not have.', data);
  if (OUT_OF_MEMORY.test(end.stderr))
    return new AppError('engine.out_of_memory', 'The engine ran out of memory and stopped.', data);
  if (signal === 'SIGKILL')
    return end.outOfMemoryKill
      ? new AppError('engine.out_of_memory', 'The system stopped the engine because memory ran out.', data)
      : new AppError(
          'engine.crashed',
          'The engine was stopped by the system, most often because memory ran out.',
          data,
        );
  if (/error while loading shared libraries|cannot open shared object|ERR_DLOPEN_FAILED|dlopen/i.test(end.stderr))
    return new AppError('engine.start_failed', 'A library that the engine needs is missing or cannot be opened.', {
      ...data,
      reason: 'library_missing',
      end: reason,
    });
  if (end.code === WINDOWS_DLL_NOT_FOUND)
    return new AppError('engine.start_failed', 'A library that the engine needs is missing on this computer.', {
      ...data,
      reason: 'library_missing',
      end: reason,
    });
  if (
    /CUDA error|cudaError|CUBLAS_STATUS|ROCm error|device[ _]?lost|GPU Hang|MTLCommandBuffer|kIOGPUCommandBuffer/i.test(
      end.stderr,
    )
  )
    return new AppError('engine.crashed', 'The graphics card or its driver stopped working for the engine.', {
      ...data,
      reason: 'gpu',
      end: reason,
    });
  if (!end.answered)
    return new AppError('engine.start_failed', `The engine ended before it was ready (${reason}).`, data);
  const plain = signal === null ? undefined : plainEnds[signal];
  return new AppError('engine.crashed', plain ?? `The engine stopped unexpectedly (${reason}).`, data);
}
