import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { hexadecimal } from '../hexadecimal.ts';
import type { StoredColumn, StoredRecord } from '../stored-record.ts';
import { controls } from '../styles/controls.ts';

/** Where both cards and their records would make a page of many screens. */
const wide = matchMedia('(min-width: 40rem)');

/** A record exactly as it is stored, beside what it opens to. Folded on a narrow screen, until it is asked for. */
export class RecordComparison extends LitElement {
  static override readonly properties = {
    record: { attribute: false },
    revealed: { state: true },
    unfolded: { state: true },
  };

  static override readonly styles = [
    controls,
    css`
      :host {
        display: block;
        container-type: inline-size;
      }

      summary {
        width: fit-content;
        padding: 0.375rem 0;
        font-size: 0.9375rem;
        font-weight: 600;
        cursor: pointer;
      }

      @media (pointer: coarse) {
        summary {
          padding: 0.625rem 0;
        }
      }

      .sides {
        display: grid;
        gap: 1rem;
      }

      @container (min-width: 32rem) {
        .sides {
          grid-template-columns: minmax(0, 3fr) minmax(0, 2fr);
          gap: 1.5rem;
        }
      }

      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
        min-height: 2.25rem;
        margin-bottom: 0.375rem;
      }

      dl.columns {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0.125rem 0.75rem;
        margin: 0 0 0.75rem;
        font-family: var(--mono);
        font-size: 0.6875rem;
        line-height: 1.5;
      }

      .none {
        color: var(--muted);
        font-family: var(--sans);
      }

      dl.columns dt {
        color: var(--muted);
      }

      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }

      .opened dt {
        margin-top: 0.5rem;
        font-size: 0.75rem;
        color: var(--muted);
      }

      .opened dl {
        margin: 0;
      }

      .opened dt:first-of-type {
        margin-top: 0;
      }

      .refused {
        color: var(--danger);
        font-size: 0.875rem;
      }

      byte-search {
        margin-top: 1rem;
      }
    `,
  ];

  declare record: StoredRecord | undefined;
  declare revealed: boolean;
  declare unfolded: boolean;

  constructor() {
    super();
    this.revealed = false;
    this.unfolded = wide.matches;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    wide.addEventListener('change', this.#fold);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    wide.removeEventListener('change', this.#fold);
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.record === undefined) return nothing;
    const { columns, opened } = this.record;
    const fields = 'fields' in opened ? opened.fields : [];
    return html`
      <details
        ?open=${this.unfolded}
        @toggle=${(event: Event) => {
          this.unfolded = (event.currentTarget as HTMLDetailsElement).open;
        }}
      >
      <summary>The stored record</summary>
      <div class="sides">
        <section aria-labelledby="rest">
          <div class="head"><h3 id="rest">At rest</h3></div>
          ${this.#atRest(this.record)}
        </section>
        <section class="opened" aria-labelledby="opened">
          <div class="head">
            <h3 id="opened">Decrypted</h3>
            <button
              type="button"
              ?hidden=${fields.length === 0}
              aria-pressed=${this.revealed}
              @click=${() => {
                this.revealed = !this.revealed;
              }}
            >
              Reveal
            </button>
          </div>
          ${'refused' in opened ? html`<p class="refused">${opened.refused}</p>` : nothing}
          <dl>
            ${fields.map(
              ([name, value]) => html`
                <dt>${name}</dt>
                <dd><masked-value .name=${name} .value=${value} .revealed=${this.revealed}></masked-value></dd>
              `,
            )}
          </dl>
        </section>
      </div>
      <byte-search
        .columns=${columns}
        .accessToken=${fields.find(([name]) => name === 'accessToken')?.[1]}
      ></byte-search>
      </details>
    `;
  }

  readonly #fold = (): void => {
    this.unfolded = wide.matches;
  };

  #atRest({ columns, sealedColumn, flipped }: StoredRecord): TemplateResult {
    const sealed = columns.find(({ name }) => name === sealedColumn)?.values[0];
    return html`
      <dl class="columns">
        ${columns
          .filter(({ name }) => name !== sealedColumn)
          .map((column) => html`<dt>${column.name}</dt><dd>${columnText(column)}</dd>`)}
      </dl>
      ${sealed instanceof Uint8Array ? html`<sealed-bytes .bytes=${sealed} .flipped=${flipped}></sealed-bytes>` : nothing}
    `;
  }
}

function columnText({ name, values }: StoredColumn): TemplateResult | string {
  if (values.length === 0) return html`<span class="none">empty</span>`;
  if (/^expires_?at$/i.test(name) && values[0] === 0) {
    return html`0 <span class="none">never: a record that can be renewed is kept</span>`;
  }
  // A line may break after a dot, never before it.
  return values.map((value) => (value instanceof Uint8Array ? hexadecimal(value) : String(value))).join('\u00a0· ');
}
