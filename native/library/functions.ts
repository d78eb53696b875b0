/** Typed access to C functions through koffi. */
import type { LibraryHandle, TypeObject } from 'koffi';

/** The address of something in C; null is no address. */
export type Pointer = bigint | null;

type Result<R> = (error: Error | null, result: R) => void;

/** A C function. `async` runs it on another thread; the callbacks that it calls meanwhile run on this one. */
export type NativeFunction<A extends readonly unknown[], R> = ((...inputs: A) => R) & {
  readonly async: (...inputs: [...A, Result<R>]) => void;
};

/** A function of `library`, whose C types stand in `result` and `inputs`. The caller states the types that koffi makes of them. */
export function bind<A extends readonly unknown[], R>(
  library: LibraryHandle,
  name: string,
  result: string | TypeObject,
  inputs: readonly (string | TypeObject)[],
): NativeFunction<A, R> {
  return library.func(name, result, [...inputs]) as unknown as NativeFunction<A, R>;
}

/** Runs a C function on another thread. */
export function onThread<A extends readonly unknown[], R>(called: NativeFunction<A, R>, ...inputs: A): Promise<R> {
  return new Promise((resolve, reject) => {
    called.async(...inputs, (error, result) => (error instanceof Error ? reject(error) : resolve(result)));
  });
}
