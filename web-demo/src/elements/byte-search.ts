import { css, html, LitElement, type TemplateResult } from 'lit';
import { findText, type TextHit } from '../find-text.ts';
import type { StoredColumn } from '../stored-record.ts';
import { controls } from '../styles/controls.ts';

/** Looks for any text in the stored bytes, so that nobody has to take "nothing readable" on trust. */
export class ByteSearch extends LitElement {
  static override readonly properties = {
    columns: { attribute: false },
    accessToken: { attribute: false },
    outcome: { state: true },
  };

  static override readonly styles = [
    controls,
    css`
      :host {
        display: block;
      }

      form {
        display: flex;
        flex-wrap: wrap;
        gap: 0.375rem 0.5rem;
      }

      label {
        flex-basis: 100%;
        font-size: 0.8125rem;
        font-weight: 600;
        color: var(--muted);
      }

      input {
        flex: 1 1 10rem;
      }

      p {
        min-height: 1.25rem;
        margin-top: 0.375rem;
        font-size: 0.8125rem;
      }

      .found {
        color: var(--warning);
      }
    `,
  ];

  declare columns: readonly StoredColumn[];
  declare accessToken: string | undefined;
  declare outcome: { readonly what: string; readonly hits: readonly TextHit[] } | undefined;

  constructor() {
    super();
    this.columns = [];
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('columns')) this.outcome = undefined;
  }

  protected override render(): TemplateResult {
    return html`
      <form @submit=${this.#submit}>
        <label for="text">Look for any text in the stored bytes</label>
        <input id="text" name="text" required minlength="3" autocomplete="off" spellcheck="false" placeholder="your user name, say" />
        <button type="submit">Look</button>
        <button type="button" ?disabled=${this.accessToken === undefined} @click=${this.#lookForToken}>
          Look for my access token
        </button>
      </form>
      <p role="status" class=${(this.outcome?.hits.length ?? 0) > 0 ? 'found' : ''}>${this.#answer()}</p>
    `;
  }

  #answer(): string {
    if (this.outcome === undefined) return 'Looks for it as UTF-8, UTF-16, hexadecimal and base64.';
    const { what, hits } = this.outcome;
    if (hits.length === 0) return `Not there: ${what} is nowhere in these bytes, in no encoding.`;
    const places = hits.map(({ column, form }) => `${column} (as ${form})`).join(', ');
    return `Found: ${what} is in ${places}, which is stored in the clear.`;
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const text = String(new FormData(event.target as HTMLFormElement).get('text'));
    this.outcome = { what: `“${text}”`, hits: findText(text, this.columns) };
  }

  #lookForToken(): void {
    if (this.accessToken === undefined) return;
    this.outcome = { what: 'your access token', hits: findText(this.accessToken, this.columns) };
  }
}
