/** The page that lists the endpoints and tries calls. Text, because it belongs to the server and to no bundle of the app's page. */

export const pageHtml = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hearth: try calls</title>
<link rel="stylesheet" href="/docs/page.css">
<script type="module" src="/docs/page.js"></script>
</head>
<body>
<header>
<h1>Hearth's API</h1>
<p>The models of this computer for programs. <a href="/openapi.json">openapi.json</a></p>
<label>Key <input id="key" type="password" autocomplete="off" placeholder="only where the server needs one"></label>
</header>
<main>
<nav aria-label="Endpoints"><label class="filter">Find <input id="find" type="search"></label><div id="list"></div></nav>
<section id="call" aria-live="off"><p id="empty">Choose an endpoint.</p></section>
</main>
</body>
</html>
`;

export const pageStyle = `:root { color-scheme: light dark; --line: light-dark(#d9d4cc, #3a3733); --faint: light-dark(#6b665e, #a39c91); --flame: light-dark(#b3470f, #ff9d5c); --sheet: light-dark(#fffdf9, #1c1a18); }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; background: light-dark(#faf7f2, #141210); color: light-dark(#1f1c18, #ece7df); }
header { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: baseline; padding: 14px 20px; border-bottom: 1px solid var(--line); }
h1 { font-size: 18px; margin: 0; }
header p { margin: 0; color: var(--faint); flex: 1; }
a { color: var(--flame); }
input, textarea, button { font: inherit; color: inherit; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; padding: 6px 10px; }
main { display: grid; grid-template-columns: minmax(240px, 360px) 1fr; min-height: calc(100vh - 60px); }
nav { border-right: 1px solid var(--line); padding: 12px; overflow: auto; }
.filter { display: flex; gap: 8px; align-items: center; }
.filter input { flex: 1; min-width: 0; }
nav h2 { font-size: 13px; color: var(--faint); margin: 16px 0 4px; }
nav button { display: block; width: 100%; text-align: start; background: none; border: 0; padding: 4px 8px; border-radius: 6px; font-size: 13px; overflow-wrap: anywhere; cursor: pointer; }
nav button:hover, nav button[aria-current] { background: light-dark(#efe9df, #2a2724); }
nav button b { display: inline-block; min-width: 3.6em; color: var(--faint); font-weight: 500; }
section { padding: 20px; min-width: 0; display: grid; gap: 12px; align-content: start; }
section h2 { margin: 0; font-size: 17px; overflow-wrap: anywhere; }
section p { margin: 0; color: var(--faint); }
label.field { display: grid; gap: 4px; }
textarea { width: 100%; min-height: 180px; font: 13px/1.5 ui-monospace, monospace; resize: vertical; }
.act { display: flex; gap: 8px; align-items: center; flex-wrap: wrap; }
.act button { padding: 6px 16px; cursor: pointer; }
.act .go { background: var(--flame); color: light-dark(#fff, #1b0f06); border-color: transparent; }
pre { margin: 0; padding: 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--sheet); white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, monospace; max-height: 60vh; overflow: auto; }
:focus-visible { outline: 2px solid var(--flame); outline-offset: 1px; }
@media (max-width: 720px) { main { grid-template-columns: minmax(0, 1fr); align-content: start; min-height: 0; } nav { border-right: 0; border-bottom: 1px solid var(--line); max-height: 38vh; } header p { flex: 1 0 100%; order: 1; } header label { display: flex; flex: 1; gap: 8px; align-items: baseline; } header input { flex: 1; min-width: 0; } section { padding: 16px 20px; } }
`;

export const pageScript = `const $ = (id) => document.getElementById(id);
const make = (tag, attributes, ...children) => {
  const node = Object.assign(document.createElement(tag), attributes);
  node.append(...children);
  return node;
};
const endpoints = [];
let stop = null;

const answer = await fetch('/openapi.json');
const api = await answer.json();
for (const [path, methods] of Object.entries(api.paths))
  for (const [method, operation] of Object.entries(methods)) endpoints.push({ path, method: method.toUpperCase(), operation });

function list() {
  const wanted = $('find').value.trim().toLowerCase();
  const groups = new Map();
  for (const one of endpoints) {
    const words = one.method + ' ' + one.path + ' ' + one.operation.summary;
    if (!words.toLowerCase().includes(wanted)) continue;
    const tag = one.operation.tags[0];
    groups.set(tag, [...(groups.get(tag) ?? []), one]);
  }
  $('list').replaceChildren(...[...groups].flatMap(([tag, some]) => [
    make('h2', {}, tag),
    ...some.map((one) => {
      const button = make('button', { type: 'button', title: one.operation.summary }, make('b', {}, one.method), ' ' + one.path);
      button.addEventListener('click', () => {
        for (const other of document.querySelectorAll('nav [aria-current]')) other.removeAttribute('aria-current');
        button.setAttribute('aria-current', 'true');
        show(one);
        // Below the list on a narrow page, the call would be out of sight.
        $('call').scrollIntoView({ block: 'nearest' });
      });
      return button;
    }),
  ]));
  if (groups.size === 0) $('list').replaceChildren(make('p', {}, 'Nothing has these words.'));
}

function show({ path, method, operation }) {
  stop?.abort();
  const names = operation.parameters.map(({ name }) => name);
  const fields = new Map(names.map((name) => [name, make('input', { type: 'text' })]));
  const content = operation.requestBody?.content['application/json'];
  const body = content && make('textarea', { value: JSON.stringify(content.example ?? {}, null, 2), spellcheck: false });
  const output = make('pre', { textContent: '', tabIndex: 0, ariaLabel: 'Answer' });
  const status = make('span', { role: 'status' });
  const go = make('button', { type: 'button', className: 'go' }, 'Send');
  const end = make('button', { type: 'button', disabled: true }, 'Stop');
  go.addEventListener('click', () => void send());
  end.addEventListener('click', () => stop?.abort());
  async function send() {
    stop?.abort();
    const abort = (stop = new AbortController());
    output.textContent = '';
    status.textContent = 'Sending…';
    end.disabled = false;
    const started = performance.now();
    try {
      let address = path;
      for (const [name, field] of fields) address = address.replace('{' + name + '}', encodeURIComponent(field.value));
      const key = $('key').value.trim();
      const got = await fetch(address, {
        method,
        signal: abort.signal,
        headers: { ...(body && { 'content-type': 'application/json' }), ...(key && { authorization: 'Bearer ' + key }) },
        ...(body && { body: body.value }),
      });
      status.textContent = got.status + ' ' + got.statusText;
      const isJson = (got.headers.get('content-type') ?? '').startsWith('application/json');
      if (isJson) output.textContent = JSON.stringify(await got.json(), null, 2);
      else {
        const reader = got.body.pipeThrough(new TextDecoderStream()).getReader();
        for (;;) {
          const { value, done } = await reader.read();
          if (done) break;
          output.append(value);
          output.scrollTop = output.scrollHeight;
        }
      }
      status.textContent = got.status + ' ' + got.statusText + ' · ' + Math.round(performance.now() - started) + ' ms';
    } catch (error) {
      status.textContent = abort.signal.aborted ? 'Stopped.' : 'No answer: ' + error.message;
    }
    end.disabled = true;
  }
  $('call').replaceChildren(
    make('h2', {}, method + ' ' + path),
    make('p', {}, operation.summary),
    ...[...fields].map(([name, field]) => make('label', { className: 'field' }, name, field)),
    ...(body ? [make('label', { className: 'field' }, 'Body', body)] : []),
    make('div', { className: 'act' }, go, end, status),
    output,
  );
}

$('find').addEventListener('input', list);
list();
`;
