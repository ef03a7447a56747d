import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { bytePlace } from '../byte-place.ts';
import { type EnvelopePart, envelopeParts } from '../envelope-parts.ts';
import type { FlippedBit } from '../flipped-bit.ts';
import { hexadecimal } from '../hexadecimal.ts';
import { controls } from '../styles/controls.ts';
import { spoken } from '../styles/spoken.ts';

/**
 * A sealed record's bytes in hexadecimal, each part of the envelope labelled and in a colour of its own.
 * A screen reader is told how many they are, and which was changed, but not the digits.
 */
export class SealedBytes extends LitElement {
  static override readonly properties = { bytes: { attribute: false }, flipped: { attribute: false } };

  static override readonly styles = [
    controls,
    spoken,
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

      dl > div {
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
        position: relative;
        margin: 0;
      }

      .digits {
        font-family: var(--mono);
        font-size: 0.6875rem;
        line-height: 1.45;
        word-spacing: -0.1em;
        color: var(--part);
      }

      mark {
        font-weight: 700;
        color: var(--card);
        background: var(--danger);
        outline: 2px solid var(--danger);
        border-radius: 1px;
      }

      .changed {
        margin: 0.125rem 0 0.25rem;
        font-size: 0.75rem;
        font-weight: 600;
        color: var(--danger);
      }

      .ciphertext .digits {
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
  declare flipped: FlippedBit | undefined;

  constructor() {
    super();
    this.bytes = new Uint8Array();
  }

  protected override render(): TemplateResult {
    return html`<dl>${envelopeParts(this.bytes.length).map((part) => this.#part(part))}</dl>`;
  }

  #part(part: EnvelopePart): TemplateResult {
    const { name, key, meaning, start, end } = part;
    const size = `${end - start} ${end - start === 1 ? 'byte' : 'bytes'}`;
    const digits = html`<span class="spoken">${size} in hexadecimal</span
      ><span aria-hidden="true">${this.#digits(start, end)}</span>`;
    return html`
      <div class="${key} ${end - start > 4 ? 'long' : ''}">
        <dt>${name} <small>${size}: ${meaning}</small></dt>
        <dd>
          ${this.#change(start, end)}
          ${
            key === 'ciphertext'
              ? html`<div class="digits" role="group" aria-label="Bytes of the ciphertext" tabindex="0">${digits}</div>`
              : html`<div class="digits">${digits}</div>`
          }
        </dd>
      </div>
    `;
  }

  #digits(start: number, end: number): TemplateResult | string {
    const hex = (from: number, to: number): string => hexadecimal(this.bytes.subarray(from, to), ' ');
    const at = this.#flippedWithin(start, end)?.offset;
    if (at === undefined) return hex(start, end);
    return html`${hex(start, at)} <mark>${hex(at, at + 1)}</mark> ${hex(at + 1, end)}`;
  }

  #change(start: number, end: number): TemplateResult | typeof nothing {
    const flipped = this.#flippedWithin(start, end);
    if (flipped === undefined) return nothing;
    const { offset, was } = flipped;
    const [before, after] = [Uint8Array.of(was), this.bytes.subarray(offset, offset + 1)].map((byte) =>
      hexadecimal(byte),
    );
    return html`<p class="changed">Changed: ${bytePlace(offset, this.bytes.length)}, from ${before} to ${after}</p>`;
  }

  #flippedWithin(start: number, end: number): FlippedBit | undefined {
    return this.flipped && start <= this.flipped.offset && this.flipped.offset < end ? this.flipped : undefined;
  }
}
