import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { generateRecoveryCode, type SlotInfo, type SlotKind, type Vault } from 'tokenkeep/vault';
import { refusalText } from '../keys/refusal-text.ts';
import { slotOf } from '../keys/slot-of.ts';
import { listed, slotName, slotTexts } from '../keys/slot-text.ts';
import { controls } from '../styles/controls.ts';
import { formStyles } from '../styles/form-styles.ts';
import type { ModalDialog } from './modal-dialog.ts';
import { passphraseFields } from './passphrase-fields.ts';
import { proofFields, proofKinds, proofOf } from './slot-proof.ts';

/** What the dialog is for: a first way to unlock, one more, or another passphrase in the place of the present one. */
export interface WayTask {
  readonly act: 'make' | 'add' | 'change';
  readonly kind: SlotKind;
}

/** Asks for what a way to unlock needs, and sets it up. Tells with `done` what came of it, and with `close` when it is over. */
export class WayDialog extends LitElement {
  static override readonly properties = {
    vault: { attribute: false },
    slots: { attribute: false },
    task: { attribute: false },
    by: { state: true },
    busy: { state: true },
    error: { state: true },
    code: { state: true },
  };

  static override readonly styles = [controls, formStyles];

  declare vault: Vault;
  declare slots: readonly SlotInfo[];
  declare task: WayTask;
  /** By which of the present slots the change is confirmed. */
  declare by: SlotKind | undefined;
  declare busy: boolean;
  declare error: { readonly text: string; readonly ofProof: boolean } | undefined;
  /** A recovery code that was made just now. */
  declare code: string | undefined;

  constructor() {
    super();
    this.busy = false;
  }

  protected override render(): TemplateResult {
    return html`
      <modal-dialog .heading=${this.#heading()} @close=${() => this.dispatchEvent(new Event('close'))}>
        ${this.code === undefined ? this.#form() : this.#shownCode(this.code)}
      </modal-dialog>
    `;
  }

  #heading(): string {
    const { act, kind } = this.task;
    if (this.code !== undefined) return 'Keep this code';
    if (kind === 'passphrase') return act === 'change' ? 'Change the passphrase' : 'Set a passphrase';
    return `Add: ${slotTexts[kind].name.toLowerCase()}`;
  }

  #form(): TemplateResult {
    const { act, kind } = this.task;
    const kinds = act === 'add' ? proofKinds(this.slots) : [];
    const by = this.by ?? kinds[0];
    const opensByItself = act === 'add' && (kind === 'device' || kind === 'split');
    return html`
      <form @submit=${this.#submit} aria-busy=${this.busy}>
        <p class="text">${slotTexts[kind].meaning}</p>
        ${opensByItself ? html`<p class="text">It opens without asking: whoever it lets in needs none of the other ways.</p>` : nothing}
        ${kind === 'passphrase' ? passphraseFields(act === 'change', this.error !== undefined) : nothing}
        ${
          kind === 'passkey'
            ? html`<label class="field">Name, to tell several apart
                <input name="label" maxlength="60" autocomplete="off" placeholder="My security key" autofocus /></label>`
            : nothing
        }
        ${
          by === undefined
            ? nothing
            : proofFields(kinds, by, this.error?.ofProof === true, (next) => {
                this.by = next;
              })
        }
        <p id="error" class="error" role="alert" ?hidden=${this.error === undefined}>${this.error?.text}</p>
        <div class="row end">
          <button type="button" @click=${this.#close}>Cancel</button>
          <button type="submit" class="primary" ?disabled=${this.busy}>${this.busy ? 'One moment …' : this.#label()}</button>
        </div>
      </form>
    `;
  }

  #label(): string {
    const { act, kind } = this.task;
    if (kind === 'recovery') return 'Make a code';
    return { make: 'Set', add: kind === 'passphrase' ? 'Set' : 'Add', change: 'Change' }[act];
  }

  #shownCode(code: string): TemplateResult {
    return html`
      <div class="fields">
        <recovery-code .code=${code}></recovery-code>
        <div class="row end"><button type="button" class="primary" autofocus @click=${this.#close}>I have kept it</button></div>
      </div>
    `;
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    if (this.busy) return;
    if (form.has('next') && form.get('next') !== form.get('again')) {
      return this.#refuse('The two passphrases differ. Type the new one twice.', 'again');
    }
    this.busy = true;
    this.error = undefined;
    try {
      const said = await this.#act(form);
      this.dispatchEvent(new CustomEvent('done', { detail: said }));
      if (this.code === undefined) this.#close();
    } catch (error) {
      const { code } = error as { code?: string };
      await this.#refuse(refusalText(error), code === 'E_PASSPHRASE' ? 'proof' : undefined);
    } finally {
      this.busy = false;
    }
  }

  /** @returns what was done, in a sentence. */
  async #act(form: FormData): Promise<string> {
    const { act, kind } = this.task;
    const text = (name: string): string => String(form.get(name) ?? '');
    const name = slotTexts[kind].name;
    if (act === 'change') {
      const rotate = form.has('rotate');
      const removed = await this.vault.changePassphrase(text('proof'), text('next'), { rotate });
      if (!rotate) return 'The passphrase was changed. No record was touched.';
      const gone = removed.length === 0 ? '' : ` Removed: ${listed(removed.map(slotName))}.`;
      return `The passphrase was changed, and a new key seals from now on.${gone} Rotate, to have older records sealed with it too.`;
    }
    const code = kind === 'recovery' ? generateRecoveryCode() : undefined;
    const slot = slotOf(kind, code ?? (kind === 'passphrase' ? text('next') : text('label').trim()));
    if (act === 'make') await this.vault.create(slot);
    else {
      const by = (this.by ?? proofKinds(this.slots)[0]) as SlotKind;
      await this.vault.addSlot(slot, { by: proofOf(by, form) });
    }
    this.code = code;
    return act === 'make' ? `The key was made. It is held by: ${name.toLowerCase()}.` : `Added: ${name.toLowerCase()}.`;
  }

  /** Says what is wrong, and puts the keyboard where it can be mended. */
  async #refuse(text: string, field?: 'again' | 'proof'): Promise<void> {
    this.error = { text, ofProof: field === 'proof' };
    await this.updateComplete;
    const input = this.renderRoot.querySelector<HTMLInputElement>(
      field === undefined ? 'input' : `input[name=${field}]`,
    );
    input?.focus();
    input?.select();
  }

  #close(): void {
    this.renderRoot.querySelector<ModalDialog>('modal-dialog')?.close();
  }
}
