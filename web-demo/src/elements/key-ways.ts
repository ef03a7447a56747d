import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { SlotInfo, SlotKind } from 'tokenkeep/vault';
import { slotName, slotTexts } from '../keys/slot-text.ts';
import { controls } from '../styles/controls.ts';

/** What the user wants to do with a way to unlock. */
export type WayWish =
  | { readonly wish: 'make' | 'add'; readonly kind: SlotKind }
  | { readonly wish: 'change' }
  | { readonly wish: 'remove'; readonly slot: SlotInfo };

/**
 * The ways to unlock: those that there are, with what can be done to them, and those that can be added. Where there is no key yet,
 * all of them, to choose from. Tells with `wish` what the user wants.
 */
export class KeyWays extends LitElement {
  static override readonly properties = { slots: { attribute: false }, disabled: { type: Boolean } };

  static override readonly styles = [
    controls,
    css`
      :host {
        display: block;
        container-type: inline-size;
      }

      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }

      li {
        display: grid;
        grid-template: 'name actions' 'meaning meaning' / minmax(0, 1fr) auto;
        gap: 0.25rem 0.75rem;
        align-items: center;
        padding: 0.625rem 0;
        border-top: 1px solid var(--line);
      }

      li.present {
        grid-template: 'name' 'meaning' 'actions' / minmax(0, 1fr);
      }

      .name {
        grid-area: name;
        display: flex;
        flex-wrap: wrap;
        gap: 0 0.5rem;
        align-items: baseline;
      }

      .actions {
        grid-area: actions;
        display: flex;
        gap: 0.375rem;
        align-items: center;
      }

      .meaning {
        grid-area: meaning;
      }

      @container (min-width: 26rem) {
        li,
        li.present {
          grid-template: 'name actions' 'meaning actions' / minmax(0, 1fr) auto;
          row-gap: 0;
        }
      }

      strong {
        font-size: 0.875rem;
        font-weight: 600;
        overflow-wrap: anywhere;
      }

      small {
        font-size: 0.8125rem;
        line-height: 1.4;
        color: var(--muted);
      }

      .state {
        font-size: 0.75rem;
        color: var(--accent);
      }
    `,
  ];

  /** Absent where there is no key yet. */
  declare slots: readonly SlotInfo[] | undefined;
  declare disabled: boolean;

  constructor() {
    super();
    this.disabled = false;
  }

  protected override render(): TemplateResult {
    const { slots } = this;
    if (slots === undefined) {
      const kinds = (Object.keys(slotTexts) as SlotKind[]).filter((kind) => kind !== 'recovery');
      return html`<ul>${kinds.map((kind) => this.#missing(kind, 'make'))}</ul>`;
    }
    if (slots.some(({ kind }) => kind === 'session'))
      return html`<ul>${slots.map((slot) => this.#present(slot, true))}</ul>`;
    const kinds = (Object.keys(slotTexts) as SlotKind[]).filter(
      (kind) => kind !== 'session' && (kind === 'passkey' || !slots.some((slot) => slot.kind === kind)),
    );
    return html`
      <ul>
        ${slots.map((slot) => this.#present(slot, slots.length === 1))}
        ${kinds.map((kind) => this.#missing(kind, 'add'))}
      </ul>
    `;
  }

  #present(slot: SlotInfo, isLast: boolean): TemplateResult {
    const { kind, createdAt } = slot;
    const name = slotName(slot);
    return html`
      <li class="present">
        <div class="name">
          <strong>${name}</strong>
          <span class="state">✓ since <time datetime=${new Date(createdAt).toISOString()}>${since(createdAt)}</time></span>
        </div>
        <small class="meaning">${slotTexts[kind].meaning}</small>
        <div class="actions">
          ${kind === 'passphrase' ? this.#button('Change', `Change the passphrase`, { wish: 'change' }) : nothing}
          ${isLast ? html`<small>the only one</small>` : this.#button('Remove', `Remove: ${name}`, { wish: 'remove', slot })}
        </div>
      </li>
    `;
  }

  #missing(kind: SlotKind, wish: 'make' | 'add'): TemplateResult {
    const { name, meaning } = slotTexts[kind];
    const label = wish === 'make' ? 'Choose' : 'Add';
    return html`
      <li>
        <div class="name">
          <strong>${name}</strong>
          ${wish === 'make' && kind === 'device' ? html`<span class="state">✓ the default</span>` : nothing}
        </div>
        <small class="meaning">${meaning}</small>
        <div class="actions">${this.#button(label, `${label}: ${name}`, { wish, kind })}</div>
      </li>
    `;
  }

  #button(text: string, name: string, detail: WayWish): TemplateResult {
    const tell = () => this.dispatchEvent(new CustomEvent('wish', { detail }));
    return html`<button type="button" aria-label=${name} ?disabled=${this.disabled} @click=${tell}>${text}</button>`;
  }
}

function since(at: number): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday
    ? date.toLocaleTimeString('en-GB', { timeStyle: 'short' })
    : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}
