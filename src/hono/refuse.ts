import type { Context } from 'hono';
import { html } from 'hono/html';
import type { Refusal } from './refusal.ts';

/** Answers a script: `{ error: { code, message } }`, with the `reason` of an `E_REAUTH`. */
export function refuseWithJson(c: Context, refusal: Refusal): Response {
  const { code, message, reason } = refusal;
  const error = { code, message, ...(reason !== undefined && { reason }) };
  return withRetryAfter(c.json({ error }, refusal.status), refusal);
}

/** Answers a person whose browser was sent here: a page that needs no script, style or image. */
export async function refuseWithPage(c: Context, refusal: Refusal, signInPath: string): Promise<Response> {
  const advice = refusal.message.charAt(0).toUpperCase() + refusal.message.slice(1);
  // what is not the user's to mend is not mended by signing in again
  const ours = refusal.status === 500 || refusal.status === 503;
  const title = ours ? 'Signing in does not work right now' : 'You are not signed in';
  const start = html`<a href="/">${ours ? 'Go' : 'go'} to the start page</a>.`;
  const page = await html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<h1>${title}</h1>
<p>${advice}</p>
<p>${ours ? start : html`<a href="${signInPath}">Sign in again</a> or ${start}`}</p>
<p><small>${refusal.code}</small></p>
</html>`;
  const response = withRetryAfter(await c.html(page, refusal.status), refusal);
  response.headers.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
  return response;
}

function withRetryAfter(response: Response, { retryAfterMs }: Refusal): Response {
  if (retryAfterMs !== undefined) response.headers.set('Retry-After', String(Math.ceil(retryAfterMs / 1000)));
  return response;
}
