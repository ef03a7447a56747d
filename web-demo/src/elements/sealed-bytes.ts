import { css, html, LitElement, type TemplateResult } from 'lit';
import { type EnvelopePart, envelopeParts } from '../envelope-parts.ts';
import { hexadecimal } from '../hexadecimal.ts';
import { controls } from '../styles/controls.ts';

/** A sealed record's bytes in hexadecimal, each part of the envelope labelled and in a colour of its own. */
export class SealedBytes extends LitElement {
  static override readonly properties = { bytes: { attribute: false } };

  static override readonly styles = [
    controls,
    css`
      :host {
        display: block;
      }

      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1.25rem;
        margin: 0;
      }

      div {
        min-width: 0;
        padding-left: 0.5rem;
        border-left: 3px solid var(--part);
      }

      .long {
        flex-basis: 100%;
      }

      dt {
        font-size: 0.75rem;
        font-weight: 600;
        color: var(--part);
      }

      small {
        font-size: inherit;
        font-weight: 400;
        color: var(--muted);
      }

      dd {
        margin: 0;
        font-family: var(--mono);
        font-size: 0.6875rem;
        line-height: 1.45;
        word-spacing: -0.1em;
        color: var(--part);
      }

      .ciphertext dd {
        /* Nine and a half lines: the cut shows that there is more. */
        max-height: calc(9.5 * 1.45 * 0.6875rem);
        overflow-y: auto;
      }

      .version {
        --part: var(--part-version);
      }
      .type {
        --part: var(--part-type);
      }
      .key {
        --part: var(--part-key);
      }
      .salt {
        --part: var(--part-salt);
      }
      .iv {
        --part: var(--part-iv);
      }
      .commitment {
        --part: var(--part-commitment);
      }
      .ciphertext {
        --part: var(--part-ciphertext);
      }
      .tag {
        --part: var(--part-tag);
      }
    `,
  ];

  declare bytes: Uint8Array;

  constructor() {
    super();
    this.bytes = new Uint8Array();
  }

  protected override render(): TemplateResult {
    return html`<dl>${envelopeParts(this.bytes.length).map((part) => this.#part(part))}</dl>`;
  }

  #part(part: EnvelopePart): TemplateResult {
    const { name, key, meaning, start, end } = part;
    const size = end - start;
    return html`
      <div class="${key} ${size > 4 ? 'long' : ''}">
        <dt>${name} <small>${size} ${size === 1 ? 'byte' : 'bytes'}: ${meaning}</small></dt>
        <dd tabindex=${key === 'ciphertext' ? 0 : -1}>${hexadecimal(this.bytes.subarray(start, end), ' ')}</dd>
      </div>
    `;
  }
}
