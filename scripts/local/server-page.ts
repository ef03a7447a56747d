import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1c1b22, #f2f0f7); --soft: light-dark(#5d5a6b, #b3afc2);
  --paper: light-dark(#fff, #23212c); --back: light-dark(#efedf5, #15141a); --line: light-dark(#d5d1e0, #45415a);
  --accent: light-dark(#5b3fd6, #a792ff); --on-accent: light-dark(#fff, #15141a) }
* { box-sizing: border-box }
body { margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 1rem;
  font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back) }
main { width: min(26rem, 100%); padding: clamp(1.25rem, 6vw, 2rem); border: 1px solid var(--line); border-radius: 1rem;
  background: var(--paper); overflow-wrap: anywhere }
h1 { margin: 0 0 .5rem; font-size: 1.375rem; line-height: 1.25 }
p { margin: 0 0 1rem } ul { margin: 0 0 1.25rem; padding-inline-start: 1.25rem } .soft { color: var(--soft); font-size: .875rem }
main > :last-child { margin-bottom: 0 }
.badge { display: inline-block; margin-bottom: 1rem; padding: .125rem .625rem; border: 1px solid var(--line);
  border-radius: 1rem; color: var(--soft); font-size: .8125rem }
label { display: block; margin-bottom: .25rem; font-weight: 600 }
input, button { width: 100%; min-height: 2.75rem; font: inherit; border-radius: .5rem; border: 1px solid var(--line) }
input { margin-bottom: 1.25rem; padding: 0 .75rem; color: inherit; background: var(--back) }
.row { display: flex; flex-wrap: wrap; gap: .75rem; margin-bottom: 1.25rem } .row button { flex: 1 1 auto; width: auto; padding: 0 .75rem; white-space: nowrap }
button { cursor: pointer; color: inherit; background: none; font-weight: 600 }
button.primary { color: var(--on-accent); background: var(--accent); border-color: var(--accent) }
button.link { width: auto; min-height: 2rem; padding: 0; border: 0; color: var(--accent); font-weight: 400; text-decoration: underline }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }`;

/** No `form-action`: browsers apply it to the redirects after a form too, and those end at the application. */
const policy = `default-src 'none'; img-src data:; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; frame-ancestors 'none'`;

/** Makes text safe between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A page of the local authorization server: its own styles, no script, nothing from elsewhere. */
export function serverPage(title: string, main: string): { html: string; headers: Record<string, string> } {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
<main>
<span class="badge">Local demo server</span>
<h1>${escapeHtml(title)}</h1>
${main}
</main>
</html>`;
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  return { html, headers };
}

/** Sends such a page. */
export function sendPage(response: ServerResponse, status: number, title: string, main: string): void {
  const { html, headers } = serverPage(title, main);
  response.writeHead(status, headers).end(html);
}
