import { css, html, LitElement, type TemplateResult } from 'lit';
import { controls } from '../styles/controls.ts';

/** A secret that is in the page, and in the accessibility tree, only while it is held down or revealed. */
export class MaskedValue extends LitElement {
  static override readonly properties = {
    name: {},
    value: { attribute: false },
    revealed: { type: Boolean },
    held: { state: true },
  };

  static override readonly styles = [
    controls,
    css`
      :host {
        display: block;
      }

      button,
      span {
        display: block;
        width: 100%;
        min-height: 0;
        padding: 0.125rem 0.375rem;
        border: 0;
        border-radius: 0.25rem;
        text-align: left;
        font-family: var(--mono);
        font-size: 0.75rem;
        font-weight: 400;
        line-height: 1.5;
        overflow-wrap: anywhere;
        background: var(--inset);
        max-height: 8rem;
        overflow-y: auto;
      }

      button {
        user-select: none;
        -webkit-user-select: none;
        touch-action: manipulation;
      }

      button:hover {
        box-shadow: inset 0 0 0 1px var(--line);
      }

      @media (pointer: coarse) {
        button {
          min-height: 2rem;
        }
      }
    `,
  ];

  declare name: string;
  declare value: string;
  declare revealed: boolean;
  declare held: boolean;

  constructor() {
    super();
    this.name = '';
    this.value = '';
    this.revealed = false;
    this.held = false;
  }

  protected override render(): TemplateResult {
    if (this.revealed) return html`<span tabindex=${this.value.length > 200 ? 0 : -1}>${this.value}</span>`;
    return html`
      <button
        type="button"
        aria-label=${this.held ? `${this.name}: ${this.value}` : `${this.name}, masked. Hold to show.`}
        @pointerdown=${this.#show}
        @pointerup=${this.#hide}
        @pointerleave=${this.#hide}
        @pointercancel=${this.#hide}
        @contextmenu=${(event: Event) => event.preventDefault()}
        @keydown=${(event: KeyboardEvent) => (event.key === ' ' || event.key === 'Enter') && this.#show()}
        @keyup=${this.#hide}
        @blur=${this.#hide}
      >${this.held ? this.value : '•'.repeat(Math.min(12, this.value.length))}</button>
    `;
  }

  #show(): void {
    this.held = true;
  }

  #hide(): void {
    this.held = false;
  }
}
