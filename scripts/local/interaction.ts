import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Interaction, Provider } from 'oidc-provider';
import { escapeHtml, sendPage } from './server-page.ts';

const meanings = new Map([
  ['openid', 'know the name you sign in with'],
  ['offline_access', 'stay signed in until you sign out'],
]);

/**
 * Shows the page where a user signs in and consents, and takes the answer. Both happen in one step, and any name will
 * do: the server runs for demonstration and tests only.
 */
export async function interaction(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const details = await provider.interactionDetails(request, response).catch(() => undefined);
  if (!details) {
    const advice = '<p>This sign-in is over or took too long. Go back to the application and sign in again.</p>';
    return sendPage(response, 400, 'Nothing to sign in to', advice);
  }
  if (request.method !== 'POST') return ask(provider, details, response);
  const form = new URLSearchParams(await text(request));
  const parameters = new URLSearchParams(Object.entries(details.params).map(([name, value]) => [name, String(value)]));
  if (form.get('action') === 'other') return forgetUser(parameters, response);
  if (form.get('action') !== 'allow') {
    return provider.interactionFinished(request, response, { error: 'access_denied' });
  }
  const accountId = details.session?.accountId ?? form.get('name')?.trim() ?? '';
  if (!accountId || accountId.length > 100) return ask(provider, details, response);
  const grant = new provider.Grant({ accountId, clientId: parameters.get('client_id') ?? '' });
  grant.addOIDCScope(parameters.get('scope') ?? '');
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { login: { accountId }, consent });
}

async function ask(provider: Provider, details: Interaction, response: ServerResponse): Promise<void> {
  const client = await provider.Client.find(String(details.params.client_id));
  const application = escapeHtml(client?.clientName ?? 'An application');
  const scopes = String(details.params.scope ?? '').split(' ');
  const wishes = scopes.flatMap((scope) => meanings.get(scope) ?? []).map((meaning) => `<li>${meaning}</li>`);
  const user = details.session?.accountId;
  const who = user
    ? `<p>You are signed in as <strong>${escapeHtml(user)}</strong>.
<button class="link" name="action" value="other">Use another name</button></p>`
    : `<label for="name">Your name</label>
<input id="name" name="name" required maxlength="100" autofocus autocomplete="username" autocapitalize="none" spellcheck="false" placeholder="alice">`;
  const title = user ? 'Allow access?' : 'Sign in';
  // "Allow" is the first button after the name field, so that the return key means it.
  const main = `<p><strong>${application}</strong> would like to:</p>
<ul>${wishes.join('')}<li>call the demo API in your name</li></ul>
<form method="post">
${who}
<div class="row"><button class="primary" name="action" value="allow"${user ? ' autofocus' : ''}>${user ? 'Allow' : 'Sign in and allow'}</button>
<button name="action" value="deny" formnovalidate>Cancel</button></div>
</form>
<p class="soft">Any name works and there is no password. This server runs on this machine only and forgets everything when it stops.</p>`;
  sendPage(response, 200, title, main);
}

function forgetUser(parameters: URLSearchParams, response: ServerResponse): void {
  const expired = ['_session', '_session.sig'].map((name) => `${name}=; Path=/; Max-Age=0; HttpOnly`);
  response.writeHead(303, { location: `/auth?${parameters}`, 'set-cookie': expired }).end();
}
