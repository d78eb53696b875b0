/** A model's chat template, tried out: the exact rendering of messages, and what a reply is read as. Folded until it is asked for. */
import { useMemo, useState } from 'react';
import type { ReplyReading, TemplateInfo, TemplateRendering } from '../../../preload/contract/template.ts';
import type { AppError } from '../../../preload/wire/errors.ts';
import { readExactJson } from '../../../preload/wire/json.ts';
import { useQuery } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { ChatTemplate } from '../../parts/models/ChatTemplate.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { TextArea } from '../../ui/controls/TextArea.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { useKept } from '../../ui/use-kept.ts';
import { useSettled } from '../../ui/use-settled.ts';
import { wordsFor } from '../../words/error-words.ts';
import { words } from '../../words/words.ts';
import './template-trial.css';

/** Characters shown on the screen; the copy button copies all of them. */
const MAX_SHOWN = 60_000;
/** A rendering is asked for when nothing was typed for so long. */
const SETTLED_MS = 300;

export function TemplateTrial({ modelId }: { readonly modelId: string }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details className="template-trial card" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{words.templateTrial.title}</summary>
      {isOpen && <Trial modelId={modelId} />}
    </details>
  );
}

function Trial({ modelId }: { readonly modelId: string }) {
  const { value: info, error, retry } = useQuery('template.info', { modelId });
  if (error) return <ErrorCard error={error} onRetry={retry} />;
  if (!info) return <Skeleton />;
  return (
    <div className="stack">
      <p className="secondary">{words.templateTrial.intro}</p>
      <Used info={info} />
      {info.source !== null && <ChatTemplate template={info.source} />}
      {info.source !== null && <Fields modelId={modelId} />}
    </div>
  );
}

/** Which template is used, and why it is no other. */
function Used({ info: { source, bos, eos, specialTokens, notes } }: { readonly info: TemplateInfo }) {
  const own = [bos, eos].filter((token) => token !== '');
  return (
    <>
      <Facts
        facts={[
          {
            name: words.templateTrial.used,
            value: source === null ? words.templateTrial.none : words.templateTrial.fromFile,
          },
          { name: words.templateTrial.ownTokens, value: own.length === 0 ? null : <Tokens texts={own} /> },
          {
            name: words.templateTrial.specialTokens,
            value: specialTokens.length === 0 ? null : <Tokens texts={specialTokens} />,
          },
        ]}
      />
      {notes.map((note) => (
        <p key={note.code}>{words.load.note(note)}</p>
      ))}
    </>
  );
}

function Tokens({ texts }: { readonly texts: readonly string[] }) {
  return (
    <span className="template-tokens">
      {texts.map((text, index) => (
        <code key={`${index} ${text}`}>{text}</code>
      ))}
    </span>
  );
}

const exampleMessages = JSON.stringify([{ role: 'user', content: words.templateTrial.example }], null, 2);

/** What was typed stays for all models: one conversation is tried with the templates of several. */
function Fields({ modelId }: { readonly modelId: string }) {
  const [messages, setMessages] = useKept('templateTrial.messages', exampleMessages);
  const [tools, setTools] = useKept('templateTrial.tools', '');
  const [now, setNow] = useKept('templateTrial.now', '');
  const [reply, setReply] = useKept('templateTrial.reply', '');
  const typed = useMemo(
    () => ({
      modelId,
      messages,
      tools: tools.trim() === '' ? null : tools,
      now: now.trim() === '' ? null : now.trim(),
    }),
    [modelId, messages, tools, now],
  );
  const input = useSettled(typed, SETTLED_MS);
  const settledReply = useSettled(reply, SETTLED_MS);
  const rendering = useQuery('template.render', input, { keep: true });
  const reading = useQuery(
    'template.readReply',
    { ...input, reply: settledReply },
    { keep: true, enabled: settledReply !== '' && rendering.error === undefined },
  );
  const { error } = rendering;
  return (
    <>
      <TextArea
        label={words.templateTrial.messages}
        hint={words.templateTrial.messagesHint}
        error={fieldError(error, 'messages')}
        className="mono"
        spellCheck={false}
        dir="ltr"
        rows={6}
        maxRows={24}
        value={messages}
        onChange={setMessages}
      />
      <TextArea
        label={words.templateTrial.tools}
        hint={words.templateTrial.toolsHint}
        error={fieldError(error, 'tools')}
        className="mono"
        spellCheck={false}
        dir="ltr"
        rows={2}
        maxRows={24}
        value={tools}
        onChange={setTools}
      />
      <TextField
        label={words.templateTrial.now}
        hint={words.templateTrial.nowHint}
        error={fieldError(error, 'now')}
        placeholder={words.templateTrial.nowExample}
        value={now}
        onChange={setNow}
      />
      {error && fieldOf(error) === null && <ErrorCard compact error={error} onRetry={rendering.retry} />}
      {rendering.value && <Rendering rendering={rendering.value} />}
      <TextArea
        label={words.templateTrial.reply}
        hint={words.templateTrial.replyHint}
        className="mono"
        spellCheck={false}
        rows={3}
        maxRows={16}
        value={reply}
        onChange={setReply}
      />
      {reading.error && settledReply !== '' && <ErrorCard compact error={reading.error} onRetry={reading.retry} />}
      {reading.value && reply !== '' && <Reading reading={reading.value} />}
    </>
  );
}

function Rendering({ rendering }: { readonly rendering: TemplateRendering }) {
  const { text, refused, leavesToolsOut, specialTokens, tokenCount } = rendering;
  return (
    <section className="stack" aria-label={words.templateTrial.rendering}>
      <div className="template-trial-head">
        <h3>{words.templateTrial.rendering}</h3>
        <span className="secondary num">{words.templateTrial.count(text.length, tokenCount)}</span>
        <CopyButton size="sm" label={words.ui.copy} text={() => text} />
      </div>
      {refused !== null && <p>{words.templateTrial.refused(refused)}</p>}
      {refused === null && leavesToolsOut && <p>{words.templateTrial.leavesToolsOut}</p>}
      <pre className="code-box" tabIndex={0} aria-label={words.templateTrial.rendering}>
        {marked(text.slice(0, MAX_SHOWN), specialTokens)}
      </pre>
      {text.length > MAX_SHOWN && <p className="secondary">{words.templateTrial.cut(MAX_SHOWN)}</p>}
      {tokenCount === null && <p className="secondary">{words.templateTrial.notCounted}</p>}
    </section>
  );
}

function Reading({ reading: { reasoning, content, calls } }: { readonly reading: ReplyReading }) {
  const shown = calls.map(({ name, arguments: values }) => ({ name, arguments: readExactJson(values) }));
  const text = JSON.stringify({ reasoning, content, calls: shown }, null, 2);
  return (
    <pre className="code-box" tabIndex={0} aria-label={words.templateTrial.reading}>
      {text}
    </pre>
  );
}

/** The text with its special tokens marked; of two that begin alike the longer one counts. */
function marked(text: string, tokens: readonly string[]) {
  if (tokens.length === 0) return text;
  const longestFirst = tokens
    .toSorted((a, b) => b.length - a.length)
    .map((token) => token.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return text
    .split(new RegExp(`(${longestFirst.join('|')})`))
    .map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part));
}

/** The field that an error is about; null for one about the template or the model. */
function fieldOf({ code, data }: AppError): string | null {
  const { field } = data;
  return code === 'invalid_input' && typeof field === 'string' ? (field.split('.')[0] ?? null) : null;
}

const fieldError = (error: AppError | undefined, field: string): string | undefined =>
  error && fieldOf(error) === field ? wordsFor(error).text : undefined;
