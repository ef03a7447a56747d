import { html, LitElement, type TemplateResult } from 'lit';
import { refusalText } from '../keys/refusal-text.ts';
import { controls } from '../styles/controls.ts';
import { formStyles } from '../styles/form-styles.ts';
import type { ModalDialog } from './modal-dialog.ts';

/** Something that cannot be undone. */
export interface Question {
  readonly heading: string;
  /** What will be lost, a paragraph each. */
  readonly texts: readonly string[];
  /** What the button says. */
  readonly act: string;
  /** Does it. */
  readonly go: () => Promise<void>;
}

/** Says what will be lost, and asks before it is done. Tells with `close` when it is over. */
export class AskDialog extends LitElement {
  static override readonly properties = {
    question: { attribute: false },
    busy: { state: true },
    error: { state: true },
  };

  static override readonly styles = [controls, formStyles];

  declare question: Question;
  declare busy: boolean;
  declare error: string | undefined;

  constructor() {
    super();
    this.busy = false;
  }

  protected override render(): TemplateResult {
    const { heading, texts, act } = this.question;
    return html`
      <modal-dialog .heading=${heading} @close=${() => this.dispatchEvent(new Event('close'))}>
        <div class="fields">
          ${texts.map((text) => html`<p class="text">${text}</p>`)}
          <p class="error" role="alert" ?hidden=${this.error === undefined}>${this.error}</p>
          <div class="row end">
            <button type="button" autofocus @click=${this.#close}>Cancel</button>
            <button type="button" class="danger" ?disabled=${this.busy} @click=${this.#go}>${act}</button>
          </div>
        </div>
      </modal-dialog>
    `;
  }

  async #go(): Promise<void> {
    this.busy = true;
    try {
      await this.question.go();
      this.#close();
    } catch (error) {
      this.error = refusalText(error);
    } finally {
      this.busy = false;
    }
  }

  #close(): void {
    this.renderRoot.querySelector<ModalDialog>('modal-dialog')?.close();
  }
}
