import { css, html, LitElement, type TemplateResult } from 'lit';
import { controls } from '../styles/controls.ts';

/**
 * A dialog that is open for as long as it is in the page: the rest cannot be reached, Escape ends it, and the keyboard returns to
 * where it was. Tells with the event `close` that it wants to be removed.
 */
export class ModalDialog extends LitElement {
  static override readonly properties = { heading: {} };

  static override readonly styles = [
    controls,
    css`
      dialog {
        width: min(30rem, calc(100vw - 2rem));
        max-height: calc(100dvh - 2rem);
        padding: clamp(1rem, 4vw, 1.5rem);
        border: 1px solid var(--line);
        border-radius: 0.875rem;
        color: var(--text);
        background: var(--card);
        box-shadow: 0 1rem 3rem #0006;
        overflow-y: auto;
      }

      dialog::backdrop {
        background: #0009;
      }

      h2 {
        margin-bottom: 0.75rem;
      }
    `,
  ];

  declare heading: string;

  constructor() {
    super();
    this.heading = '';
  }

  /** Ends the dialog. */
  close(): void {
    this.renderRoot.querySelector('dialog')?.close();
  }

  protected override render(): TemplateResult {
    return html`
      <dialog aria-labelledby="heading" @close=${() => this.dispatchEvent(new Event('close'))}>
        <h2 id="heading">${this.heading}</h2>
        <slot></slot>
      </dialog>
    `;
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector('dialog')?.showModal();
    this.querySelector<HTMLElement>('[autofocus]')?.focus();
  }
}
