import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { SlotInfo, SlotKind, Vault } from 'tokenkeep/vault';
import { refusalText } from '../keys/refusal-text.ts';
import { slotOf } from '../keys/slot-of.ts';
import { slotTexts } from '../keys/slot-text.ts';
import { controls } from '../styles/controls.ts';
import { formStyles } from '../styles/form-styles.ts';

/** In which order ways are offered. */
const order: readonly SlotKind[] = ['passphrase', 'passkey', 'device', 'session', 'split', 'recovery'];

/** Unlocks the vault by any of its slots. */
export class UnlockForm extends LitElement {
  static override readonly properties = {
    vault: { attribute: false },
    slots: { attribute: false },
    busy: { state: true },
    error: { state: true },
  };

  static override readonly styles = [controls, formStyles];

  declare vault: Vault;
  declare slots: readonly SlotInfo[];
  /** The way that is being tried. */
  declare busy: SlotKind | undefined;
  declare error: { readonly kind: SlotKind; readonly text: string } | undefined;

  /** Puts the keyboard into the first field, or on the first button. */
  async reach(): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('input:not([hidden]), button')?.focus();
  }

  protected override render(): TemplateResult {
    const kinds = order.filter((kind) => this.slots.some((slot) => slot.kind === kind));
    const pressed = kinds.filter((kind) => kind !== 'passphrase' && kind !== 'recovery');
    const first = kinds[0];
    return html`
      <div class="fields">
        ${kinds.includes('passphrase') ? this.#typed('passphrase', 'Passphrase', true) : nothing}
        ${
          pressed.length === 0
            ? nothing
            : html`<div class="row">${pressed.map(
                (
                  kind,
                ) => html`<button type="button" class=${kind === first ? 'primary' : ''} ?disabled=${this.busy !== undefined}
                  @click=${() => this.#unlock(kind)}>${this.busy === kind ? 'One moment …' : slotTexts[kind].unlock}</button>`,
              )}</div>`
        }
        ${pressed.some((kind) => kind === this.error?.kind) ? html`<p class="error" role="alert">${this.error?.text}</p>` : nothing}
        ${
          kinds.includes('recovery')
            ? html`<details ?open=${first === 'recovery' || this.error?.kind === 'recovery'}>
                <summary>Use the recovery code</summary>${this.#typed('recovery', 'Recovery code', first === 'recovery')}</details>`
            : nothing
        }
      </div>
    `;
  }

  #typed(kind: 'passphrase' | 'recovery', label: string, primary: boolean): TemplateResult {
    const error = this.error?.kind === kind ? this.error.text : undefined;
    const isPassphrase = kind === 'passphrase';
    return html`
      <form @submit=${(event: SubmitEvent) => this.#submit(event, kind)} aria-busy=${this.busy === kind}>
        <input type="text" autocomplete="username" value="tokenkeep demo" hidden />
        <label class="field" for=${kind}>${label}</label>
        <div class="row">
          <input id=${kind} name="typed" required type=${isPassphrase ? 'password' : 'text'} spellcheck="false"
            autocomplete=${isPassphrase ? 'current-password' : 'off'}
            aria-describedby="${kind}-error" aria-invalid=${error !== undefined} />
          <button type="submit" class=${primary ? 'primary' : ''} ?disabled=${this.busy !== undefined}>
            ${this.busy === kind ? 'One moment …' : slotTexts[kind].unlock}</button>
        </div>
        <p id="${kind}-error" class="error" role="alert" ?hidden=${error === undefined}>${error}</p>
      </form>
    `;
  }

  async #submit(event: SubmitEvent, kind: SlotKind): Promise<void> {
    event.preventDefault();
    const input = (event.target as HTMLFormElement).elements.namedItem('typed') as HTMLInputElement;
    await this.#unlock(kind, input.value);
    if (this.error === undefined) return;
    input.focus();
    input.select();
  }

  async #unlock(kind: SlotKind, typed?: string): Promise<void> {
    if (this.busy !== undefined) return;
    this.busy = kind;
    this.error = undefined;
    try {
      await this.vault.unlock(slotOf(kind, typed));
    } catch (error) {
      this.error = { kind, text: refusalText(error) };
    } finally {
      this.busy = undefined;
    }
    await this.updateComplete;
  }
}
