/**
 * A chat as one page of HTML without scripts, to read anywhere and to print. What a model wrote is made HTML by micromark, which escapes raw
 * HTML and dangerous addresses; the page's own policy forbids everything that would be fetched.
 */
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import type { MessagePart } from '../../../../preload/contract/message-parts.ts';
import {
  authorOf,
  partText,
  shownPath,
  timeText,
  titleOfExport,
  type ExportedChat,
  type WriteOptions,
} from './exported-chat.ts';

/** Longer texts are shown as they are: making HTML of them would hold up main for more than a tenth of a second. */
const MAX_MARKDOWN_CHARS = 60_000;
/** Pictures beyond it are named and not shown. */
const MAX_PICTURE_BYTES = 8 * 1024 * 1024;

export function* htmlOf(exported: ExportedChat, options: WriteOptions): Generator<string> {
  const { labels } = options;
  const { chat } = exported;
  const title = escaped(titleOfExport(exported, labels));
  yield `<!doctype html>\n<html lang="${escaped(labels.language)}"><head><meta charset="utf-8">`;
  yield `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`;
  yield `<meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>`;
  yield `<style>${styles}</style></head>\n<body><main>\n<header><h1 dir="auto">${title}</h1><p>${timeText(chat.createdAt)}</p></header>\n`;
  if (chat.systemPrompt.trim() !== '')
    yield `<details><summary>${escaped(labels.system)}</summary><pre dir="auto">${escaped(chat.systemPrompt)}</pre></details>\n`;
  for (const message of shownPath(exported)) {
    yield `<article class="${message.role}"><h2>${escaped(authorOf(message, labels))} <time>${timeText(message.createdAt)}</time></h2>\n`;
    for (const part of message.parts) yield partHtml(part, options);
    yield `</article>\n`;
  }
  yield '</main></body></html>\n';
}

function partHtml(part: MessagePart, { labels, reasoning, fileBytes }: WriteOptions): string {
  switch (part.type) {
    case 'text':
      if (part.name !== undefined)
        return `<details open><summary>${escaped(part.name)}</summary><pre dir="auto">${escaped(part.text)}</pre></details>\n`;
      return `<div class="text" dir="auto">${markdownHtml(part.text)}</div>\n`;
    case 'reasoning':
      if (!reasoning || part.text === '') return '';
      return `<details><summary>${escaped(labels.reasoning)}</summary><div class="text" dir="auto">${markdownHtml(part.text)}</div></details>\n`;
    case 'image': {
      const bytes = part.file.sizeBytes > MAX_PICTURE_BYTES ? null : fileBytes(part.file);
      if (bytes === null || !/^image\/[a-z0-9.+-]+$/.test(part.file.mediaType)) break;
      const data = `data:${part.file.mediaType};base64,${Buffer.from(bytes).toString('base64')}`;
      return `<img alt="${escaped(part.file.name)}" src="${data}">\n`;
    }
    case 'attachment':
    case 'audio':
    case 'citation':
      break;
    case 'tool_call':
    case 'tool_result':
      return `<pre dir="auto">${escaped(partText(part, labels))}</pre>\n`;
    default:
      return part satisfies never;
  }
  return `<p class="file">${escaped(partText(part, labels))}</p>\n`;
}

function markdownHtml(text: string): string {
  if (text.length > MAX_MARKDOWN_CHARS) return `<pre>${escaped(text)}</pre>`;
  return micromark(text, { extensions: [gfm({ singleTilde: false })], htmlExtensions: [gfmHtml()] });
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML, and as the value of an attribute between double quotes. */
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');

const styles = `
:root { color-scheme: light dark; --ground: #fbfaf8; --text: #1f1c19; --quiet: #6f675f; --line: #e7e2db; --raised: #fff; }
@media (prefers-color-scheme: dark) { :root { --ground: #161412; --text: #efeae4; --quiet: #a39a90; --line: #322d29; --raised: #1e1b19; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.6 system-ui, sans-serif; }
main { max-width: 760px; margin: 0 auto; padding: 40px 24px; }
header p, time, summary, .file { color: var(--quiet); font-size: 13px; font-weight: 400; }
h1 { font-size: 26px; line-height: 1.25; margin: 0; }
h2 { font-size: 14px; margin: 0 0 8px; }
article { padding: 20px 0; border-top: 1px solid var(--line); }
article.user .text { background: var(--raised); border: 1px solid var(--line); border-radius: 12px; padding: 2px 16px; }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: 12px; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
code { font: 14px/1.5 ui-monospace, monospace; font-variant-ligatures: none; }
table { border-collapse: collapse; } td, th { border: 1px solid var(--line); padding: 4px 10px; text-align: start; }
blockquote { margin: 0; padding-inline-start: 16px; border-inline-start: 3px solid var(--line); color: var(--quiet); }
img { max-width: 100%; }
@media print { :root { --ground: #fff; --text: #000; --quiet: #555; --line: #ccc; --raised: #fff; } main { padding: 0; max-width: none; } h2, tr { break-after: avoid; break-inside: avoid; } pre { break-inside: auto; } }
`;
