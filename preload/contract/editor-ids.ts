/** Programs whose settings Hearth can write. Without zod, so that the page can import the list without it. */
export const editorIds = ['claude-code', 'codex', 'zed', 'continue', 'cline', 'open-webui'] as const;
export type EditorId = (typeof editorIds)[number];
