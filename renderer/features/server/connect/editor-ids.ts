/** The contract's list of programs, without zod. A program that is missing here or there does not compile. */
import type { EditorId } from '../../../../preload/contract/server.ts';

export type { EditorId };

const known: Readonly<Record<EditorId, true>> = {
  'claude-code': true,
  codex: true,
  zed: true,
  continue: true,
  cline: true,
  'open-webui': true,
};

export const editorIds = Object.keys(known) as readonly EditorId[];
