import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { KeyInfo } from 'tokenkeep';
import type { SlotInfo, VaultEvent, VaultState } from 'tokenkeep/vault';
import { forgetHolding, type KeyHolding } from '../keys/key-holding.ts';
import { forgetQuestion, removeQuestion } from '../keys/questions.ts';
import { refusalText } from '../keys/refusal-text.ts';
import { slotOf } from '../keys/slot-of.ts';
import { inOrder, listed, slotTexts } from '../keys/slot-text.ts';
import { startTabOnly } from '../keys/tab-only.ts';
import { controls } from '../styles/controls.ts';
import { formStyles } from '../styles/form-styles.ts';
import { keyPanelStyles } from '../styles/key-panel-styles.ts';
import type { Question } from './ask-dialog.ts';
import type { WayWish } from './key-ways.ts';
import type { LockBar } from './lock-bar.ts';
import type { UnlockForm } from './unlock-form.ts';
import type { WayTask } from './way-dialog.ts';

/** Who holds the page's key: to choose it, to lock and unlock it, to change and to forget it. */
export class KeyPanel extends LitElement {
  static override readonly properties = {
    holding: { attribute: false },
    state: { state: true },
    slots: { state: true },
    keys: { state: true },
    task: { state: true },
    question: { state: true },
    said: { state: true },
    error: { state: true },
    busy: { state: true },
  };

  static override readonly styles = [controls, formStyles, keyPanelStyles];

  declare holding: KeyHolding;
  declare state: VaultState;
  declare slots: readonly SlotInfo[];
  declare keys: readonly KeyInfo[];
  /** What the open dialog is for. */
  declare task: WayTask | undefined;
  declare question: Question | undefined;
  /** What happened last, in a sentence. It is read out. */
  declare said: string;
  declare error: string | undefined;
  declare busy: boolean;
  #looks = 0;

  constructor() {
    super();
    this.slots = [];
    this.keys = [];
    this.said = '';
    this.busy = false;
  }

  /** Takes up the keys. Call once. */
  async start(holding: KeyHolding): Promise<void> {
    this.holding = holding;
    holding.vault.subscribe((event) => void this.#heard(event));
    await this.#look();
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.state === undefined) return nothing;
    return html`
      <section aria-labelledby="title">
        <div class="top"><h3 id="title" tabindex="-1">The key</h3>${this.#stateText()}</div>
        <p class="text said" role="status">${this.said}</p>
        ${this.#body()}
        <p class="error" role="alert" ?hidden=${this.error === undefined}>${this.error}</p>
      </section>
      ${this.#dialog()}
    `;
  }

  #stateText(): TemplateResult {
    const held = listed([...new Set(this.slots.map(({ kind }) => slotTexts[kind].name.toLowerCase()))]);
    if (this.state === 'unlocked') return html`<p class="state open">unlocked · held by: ${held}</p>`;
    if (this.state === 'locked') return html`<p class="state">locked</p>`;
    return this.state === 'absent' ? html`<p class="state">not made yet</p>` : html`<p class="state gone">lost</p>`;
  }

  #body(): TemplateResult {
    const { vault } = this.holding;
    if (this.state === 'absent') {
      return html`
        <p class="text">The token is sealed with a key. You choose who holds it; “Sign in” takes the default.</p>
        <key-ways .slots=${undefined} ?disabled=${this.busy} @wish=${this.#wish}></key-ways>
      `;
    }
    if (this.state === 'locked') {
      return html`<unlock-form .vault=${vault} .slots=${this.slots}></unlock-form>${this.#forget()}`;
    }
    return this.state === 'unlocked' ? this.#unlocked() : this.#gone();
  }

  #unlocked(): TemplateResult {
    const { holding, slots } = this;
    const opensByItself = slots.find(({ kind }) => kind === 'device');
    return html`
      <lock-bar .vault=${holding.vault}></lock-bar>
      <details>
        <summary>Ways to unlock (${slots.length})</summary>
        ${
          opensByItself !== undefined && slots.length > 1
            ? html`<p class="warning">Each way opens the key by itself. What the others keep out comes in by “${slotTexts.device.name}” until you remove it.</p>`
            : nothing
        }
        <key-ways .slots=${slots} ?disabled=${this.busy} @wish=${this.#wish}></key-ways>
      </details>
      <details>
        <summary>Keys and rotation (${this.keys.length})</summary>
        <key-rotation .holding=${holding} .keys=${this.keys}></key-rotation>
      </details>
      ${this.#forget()}
    `;
  }

  #forget(): TemplateResult {
    return html`<div class="row"><button type="button" class="danger" @click=${this.#askToForget}>Forget this device …</button></div>`;
  }

  #gone(): TemplateResult {
    const text =
      this.state === 'evicted'
        ? 'The browser has deleted what this page had stored, the key and the token, as browsers do when space is short or after a time without visits. Nothing of it can be brought back.'
        : 'The key is gone, and sealed records are left that nothing can open any more. Nobody has another copy of the key.';
    return html`
      <p class="text">${text} Start over, and sign in again.</p>
      <div class="row"><button type="button" class="primary" @click=${this.state === 'evicted' ? this.#startOver : this.#askToForget}>Start over</button></div>
    `;
  }

  #dialog(): TemplateResult | typeof nothing {
    if (this.question !== undefined) {
      return html`<ask-dialog .question=${this.question} @close=${this.#closed}></ask-dialog>`;
    }
    if (this.task === undefined) return nothing;
    return html`<way-dialog .vault=${this.holding.vault} .slots=${this.slots} .task=${this.task}
      @done=${(event: CustomEvent<string>) => {
        this.said = event.detail;
      }} @close=${this.#closed}></way-dialog>`;
  }

  async #wish({ detail }: CustomEvent<WayWish>): Promise<void> {
    this.error = undefined;
    if (detail.wish === 'change') this.task = { act: 'change', kind: 'passphrase' };
    else if (detail.wish === 'remove') this.question = removeQuestion(this.holding.vault, detail.slot);
    else if (detail.wish === 'add' || detail.kind === 'passphrase') this.task = { act: detail.wish, kind: detail.kind };
    else if (detail.kind === 'session') startTabOnly(true);
    else await this.#attempt(async () => void (await this.holding.vault.create(slotOf(detail.kind))));
  }

  async #askToForget(): Promise<void> {
    await this.#attempt(async () => {
      const loss = await this.holding.vault.loss();
      this.question = forgetQuestion(loss, this.state === 'lost', () => this.#startOver());
    });
  }

  readonly #startOver = async (): Promise<void> => {
    await forgetHolding(this.holding);
    if (this.holding.database === undefined) startTabOnly(false);
  };

  async #attempt(work: () => Promise<void>): Promise<void> {
    [this.busy, this.error] = [true, undefined];
    await work().catch((error: unknown) => {
      this.error = refusalText(error);
    });
    this.busy = false;
  }

  async #heard(event: VaultEvent): Promise<void> {
    if (event.type === 'active') return this.renderRoot.querySelector<LockBar>('lock-bar')?.requestUpdate();
    const before = this.state;
    const hadFocus = this.matches(':focus-within');
    await this.#look();
    if (before === this.state) return;
    // what a dialog shows belongs to the state before
    if (this.state !== 'unlocked' || before === 'locked') [this.task, this.question] = [undefined, undefined];
    this.said = saidOf(event, this.state);
    await this.updateComplete;
    if (!hadFocus && document.activeElement !== document.body) return;
    if (this.state === 'locked') await (this.renderRoot.querySelector('unlock-form') as UnlockForm).reach();
    else this.#reachHeading();
  }

  async #look(): Promise<void> {
    const look = ++this.#looks;
    const { vault } = this.holding;
    const seen = await Promise.all([vault.state(), vault.slots()]);
    if (look !== this.#looks) return;
    [this.state, this.slots] = [seen[0], inOrder(seen[1])];
    this.keys = vault.keyring.info();
  }

  #closed(): void {
    [this.task, this.question] = [undefined, undefined];
    // the button that opened the dialog may be gone with what was removed
    if (this.renderRoot instanceof ShadowRoot && this.renderRoot.activeElement === null) this.#reachHeading();
  }

  #reachHeading(): void {
    this.renderRoot.querySelector<HTMLElement>('h3')?.focus();
  }
}

function saidOf(event: VaultEvent, state: VaultState): string {
  if (state === 'locked') {
    const idle = event.type === 'locked' && event.because === 'idle';
    return idle ? 'Locked by itself, in all tabs: nobody was there.' : 'Locked, in all tabs.';
  }
  if (state === 'unlocked') return event.type === 'created' ? 'The key was made.' : 'Unlocked.';
  return event.type === 'reset' ? 'Everything was deleted from this browser.' : '';
}
