import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { VaultState } from 'tokenkeep/vault';
import { errorText } from '../error-text.ts';
import type { Flow, SignedIn, StepResult } from '../flow.ts';
import type { StoredRecord } from '../stored-record.ts';
import { controls } from '../styles/controls.ts';
import { flowCardStyles } from '../styles/flow-card-styles.ts';
import type { LogLine } from './event-log.ts';

/** One way to keep a token: its state, what can be done with it, what happened, and the record at rest. */
export class FlowCard extends LitElement {
  static override readonly properties = {
    flow: { attribute: false },
    signedIn: { state: true },
    record: { state: true },
    busy: { state: true },
    lines: { state: true },
    answer: { state: true },
    mustSignIn: { state: true },
    keyState: { state: true },
  };

  static override readonly styles = [controls, flowCardStyles];

  declare flow: Flow;
  declare signedIn: SignedIn | undefined;
  declare record: StoredRecord | undefined;
  /** What is under way, in words. */
  declare busy: string | undefined;
  declare lines: readonly LogLine[];
  declare answer: string | undefined;
  /** The token can no longer be renewed. */
  declare mustSignIn: boolean;
  /** What has become of the key that the page holds; absent where it holds none. */
  declare keyState: VaultState | undefined;

  /** Counts the looks at the stored token: of two that overlap, the later one is right. */
  #looks = 0;

  constructor() {
    super();
    this.lines = [];
    this.mustSignIn = false;
    this.busy = 'Looking for a stored token';
  }

  /** Takes up the flow. Call once. */
  async start(flow: Flow): Promise<void> {
    this.flow = flow;
    flow.listen?.({
      told: ({ text, failed, elsewhere }) => {
        this.#say(text, failed, elsewhere);
        if (elsewhere) void this.#look();
      },
      keyChanged: () => void this.#keyChanged(),
      asked: () => {
        if (this.busy === undefined && this.signedIn !== undefined)
          void this.#step('Calling the API, as another tab asked', () => flow.callApi());
      },
    });
    await this.#step('Looking for a stored token', () => flow.start());
    // A page that the browser kept while the user was away shows what is true now.
    addEventListener('pageshow', (event) => {
      if (event.persisted) void this.#step('Looking for a stored token', async () => undefined);
    });
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.flow === undefined) return nothing;
    return html`
      <section aria-labelledby="title" aria-busy=${this.busy !== undefined}>
        <div class="top">
          <h2 id="title">${this.flow.title}</h2>
          ${this.#chip()}
        </div>
        <p class="summary">${this.flow.summary}</p>
        ${this.signedIn?.mustSignIn === undefined ? nothing : html`<p class="must">${this.signedIn.mustSignIn}</p>`}
        ${this.signedIn === undefined ? nothing : facts(this.signedIn)}
        ${
          this.keyState === 'locked' || this.#isKeyGone()
            ? nothing
            : html`<div class="actions" role="group" aria-label="Actions">${this.#actions()}</div>`
        }
        ${this.flow.callInAllTabs && this.signedIn ? this.#tabActions() : nothing}
        <slot name="key"></slot>
        <event-log .lines=${this.lines} .busy=${this.busy}></event-log>
        ${
          this.answer === undefined
            ? nothing
            : html`<div><h3 id="answer">The answer</h3><pre tabindex="0" aria-labelledby="answer">${this.answer}</pre></div>`
        }
        ${
          this.record === undefined
            ? html`<p class="empty">Nothing is stored. Sign in, and the record appears here beside the decrypted token.</p>`
            : html`<record-comparison .record=${this.record}></record-comparison>`
        }
      </section>
    `;
  }

  #chip(): TemplateResult {
    if (this.keyState === 'locked') return html`<p class="chip">locked</p>`;
    if (this.#isKeyGone()) return html`<p class="chip refused">the key is lost</p>`;
    if (this.signedIn !== undefined)
      return html`<p class="chip in">signed in as <strong>${this.signedIn.name}</strong></p>`;
    if (this.record !== undefined) return html`<p class="chip refused">the record is refused</p>`;
    return html`<p class="chip">signed out</p>`;
  }

  #actions(): TemplateResult {
    const { flow, record, signedIn } = this;
    const mustSignIn = this.mustSignIn || signedIn?.mustSignIn !== undefined;
    if (signedIn === undefined && record === undefined) return this.#signInButton('Sign in');
    if (signedIn === undefined) return this.#actionsWhenRefused();
    return html`
      ${mustSignIn ? this.#signInButton('Sign in again') : nothing}
      ${this.#button('Call the API', 'Calling the API', () => flow.callApi(), mustSignIn ? '' : 'primary')}
      ${flow.renewNow ? this.#button('Renew now', 'Renewing', () => flow.renewNow?.()) : nothing}
      ${flow.shortLivedToken ? this.#button('Get a short-lived token', 'Asking the worker', () => flow.shortLivedToken?.()) : nothing}
      ${this.#button('Expire now', 'Writing', () => flow.expireNow())}
      ${flow.expireSoon ? this.#button('Expire soon', 'Writing', () => flow.expireSoon?.()) : nothing}
      ${flow.toggleBit ? this.#button('Flip one bit', 'Writing', () => flow.toggleBit?.()) : nothing}
      ${this.#button('Sign out', 'Revoking and deleting', () => flow.signOut())}
      ${flow.signOutEverywhere ? this.#button('Sign out everywhere', 'Revoking and deleting', () => flow.signOutEverywhere?.()) : nothing}
    `;
  }

  #isKeyGone(): boolean {
    return this.keyState === 'lost' || this.keyState === 'evicted';
  }

  #tabActions(): TemplateResult {
    const { flow } = this;
    const opened = { log: 'Opened. Expire the token and call from both: the server is asked once.' };
    return html`
      <div class="actions" role="group" aria-labelledby="tabs">
        <h3 id="tabs">In several tabs</h3>
        ${this.#button('Open a second tab', 'Opening', async () => {
          open(location.pathname, '_blank', 'noopener');
          return opened;
        })}
        ${this.#button('Expire, and call in all tabs', 'Calling the API in all tabs', () => flow.callInAllTabs?.())}
      </div>
    `;
  }

  /** First what helps: the bit, where it was flipped here, or else a new sign-in. */
  #actionsWhenRefused(): TemplateResult {
    const { flow, record } = this;
    const flipped = record?.flipped !== undefined;
    return html`
      ${flipped ? this.#button('Put the bit back', 'Writing', () => flow.toggleBit?.(), 'primary') : nothing}
      ${this.#signInButton('Sign in again', flipped ? '' : 'primary')}
      ${this.#button('Call the API', 'Calling the API', () => flow.callApi())}
      ${this.#button('Sign out', 'Deleting', () => flow.signOut())}
    `;
  }

  #signInButton(label: string, kind = 'primary'): TemplateResult {
    return this.#button(label, 'Going to the authorization server', () => this.flow.signIn(), kind);
  }

  #button(
    label: string,
    busy: string,
    step: () => Promise<StepResult | undefined> | undefined,
    kind = '',
  ): TemplateResult {
    const run = (): Promise<void> => this.#step(busy, async () => step());
    return html`<button type="button" class=${kind} ?disabled=${this.busy !== undefined} @click=${run}>${label}</button>`;
  }

  async #step(busy: string, step: () => Promise<StepResult | undefined>): Promise<void> {
    this.busy = busy;
    try {
      const result = await step();
      this.mustSignIn = false;
      if (result !== undefined) this.#say(result.log, false);
      if (result?.answer !== undefined) this.answer = result.answer;
    } catch (error) {
      this.#say(errorText(error), true);
      // What an earlier call was answered would look like the answer to this one.
      this.answer = undefined;
      this.mustSignIn = error instanceof Error && 'code' in error && error.code === 'E_REAUTH';
    }
    await this.#look();
    this.busy = undefined;
  }

  async #look(): Promise<void> {
    const look = ++this.#looks;
    try {
      const seen = await Promise.all([this.flow.state(), this.flow.record(), this.flow.keyState?.()]);
      if (look !== this.#looks) return;
      [this.signedIn, this.record, this.keyState] = seen;
    } catch (error) {
      this.#say(errorText(error), true);
    }
    if (this.signedIn === undefined) this.answer = undefined;
  }

  /** Takes up what had to wait for the key, and drops what must not be seen without it. */
  async #keyChanged(): Promise<void> {
    const before = this.keyState;
    await this.#look();
    if (before === this.keyState || this.keyState !== 'unlocked' || this.busy !== undefined) return;
    await this.#step('Looking for a stored token', () => this.flow.start());
  }

  #say(text: string, failed: boolean, elsewhere = false): void {
    this.lines = [...this.lines, { at: new Date(), text, failed, elsewhere }];
  }
}

function facts({ expiresAt, scope, place, mustSignIn }: SignedIn): TemplateResult {
  return html`
    <dl class="facts">
      <dt>Access token expires</dt><dd><expiry-countdown .expiresAt=${expiresAt} .final=${mustSignIn !== undefined}></expiry-countdown></dd>
      <dt>Scope</dt><dd>${scope ?? 'not stated by the server'}</dd>
      <dt>Record lives in</dt><dd>${place}</dd>
    </dl>
  `;
}
