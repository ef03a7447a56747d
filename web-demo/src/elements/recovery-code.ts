import { css, html, LitElement, type TemplateResult } from 'lit';
import { controls } from '../styles/controls.ts';
import { formStyles } from '../styles/form-styles.ts';

/** Shows a recovery code, this once: to be copied, or printed on a sheet with nothing else. */
export class RecoveryCode extends LitElement {
  static override readonly properties = { code: { attribute: false }, said: { state: true } };

  static override readonly styles = [
    controls,
    formStyles,
    css`
      output {
        display: block;
        padding: 0.75rem 1rem;
        border: 1px dashed var(--muted);
        border-radius: 0.5rem;
        background: var(--inset);
        font-family: var(--mono);
        font-size: 1.0625rem;
        line-height: 1.7;
        letter-spacing: 0.04em;
        text-align: center;
        user-select: all;
        overflow-wrap: anywhere;
      }
    `,
  ];

  declare code: string;
  declare said: string;
  #sheet: HTMLElement | undefined;

  constructor() {
    super();
    this.code = '';
    this.said = '';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sheet?.remove();
  }

  protected override render(): TemplateResult {
    return html`
      <div class="fields">
        <p class="text" id="what">
          This code unlocks the key by itself, and is shown only now. Print it or write it down, and keep it where nobody else
          looks.
        </p>
        <output aria-label="Recovery code" aria-describedby="what">${this.code}</output>
        <div class="row">
          <button type="button" @click=${this.#copy}>Copy</button>
          <button type="button" @click=${() => print()}>Print</button>
          <span class="hint" role="status">${this.said}</span>
        </div>
      </div>
    `;
  }

  /** What is printed in place of the page (page.css), for as long as the code is shown. */
  protected override firstUpdated(): void {
    const sheet = document.createElement('div');
    sheet.className = 'sheet';
    const add = (tag: string, text: string): void => {
      sheet.appendChild(document.createElement(tag)).textContent = text;
    };
    add('h1', 'Recovery code');
    add('code', this.code);
    add(
      'p',
      `For the key of ${location.host}, made on ${new Date().toLocaleDateString('en-GB', { dateStyle: 'long' })}.`,
    );
    add('p', 'Whoever has it and this browser can unlock the key. Upper or lower case and hyphens do not matter.');
    document.body.append(sheet);
    this.#sheet = sheet;
  }

  async #copy(): Promise<void> {
    this.said = await navigator.clipboard.writeText(this.code).then(
      () => 'Copied. Other programs can read it until you copy something else.',
      () => 'The browser does not allow it: select the code, or print it.',
    );
  }
}
