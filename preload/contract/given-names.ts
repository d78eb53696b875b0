/** The names that the user gave to models, as programs and commands write them. Without zod. */

/** The name among `names` that `text` means: upper and lower case are the same, and Ollama's programs write `:latest` behind it. */
export function givenNameOf<Name extends { readonly name: string }>(
  names: readonly Name[],
  text: string,
): Name | undefined {
  const wanted = text.toLowerCase();
  const named = (one: string): Name | undefined => names.find(({ name }) => name.toLowerCase() === one);
  return named(wanted) ?? named(wanted.replace(/:latest$/, ''));
}
