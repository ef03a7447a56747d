import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { Vault } from 'tokenkeep/vault';
import { chooseIdleTime, idleTime, idleTimes } from '../keys/idle-time.ts';
import { controls } from '../styles/controls.ts';
import { formStyles } from '../styles/form-styles.ts';
import { spoken } from '../styles/spoken.ts';

/** From when on the end is announced to whoever does not look, in milliseconds. */
const warningMs = 15_000;

/** Locks the vault, and shows when it locks by itself. */
export class LockBar extends LitElement {
  static override readonly properties = { vault: { attribute: false }, now: { state: true } };

  static override readonly styles = [
    controls,
    formStyles,
    spoken,
    css`
      label {
        display: flex;
        flex-wrap: wrap;
        gap: 0.25rem 0.5rem;
        align-items: center;
        font-size: 0.875rem;
      }

      [role='timer'] {
        font-size: 0.875rem;
        font-variant-numeric: tabular-nums;
      }

      .soon {
        color: var(--warning);
        font-weight: 600;
      }
    `,
  ];

  declare vault: Vault;
  declare now: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.now = Date.now();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => {
      this.now = Date.now();
    }, 1000);
    addEventListener('storage', this.#onStorage);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    removeEventListener('storage', this.#onStorage);
  }

  protected override render(): TemplateResult {
    const { locksAt } = this.vault;
    const left = locksAt === undefined ? undefined : Math.max(0, locksAt - this.now);
    const isSoon = left !== undefined && left <= warningMs;
    return html`
      <div class="row">
        <button type="button" @click=${() => this.vault.lock()}>Lock</button>
        <label>Lock by itself
          <select @change=${this.#choose}>
            ${idleTimes.map(({ ms, name }) => html`<option value=${ms ?? ''} ?selected=${ms === idleTime()}>${name}</option>`)}
          </select>
        </label>
        ${left === undefined ? nothing : html`<span role="timer" class=${isSoon ? 'soon' : ''}>locks in ${duration(left)}</span>`}
        <span class="spoken" role="status">${isSoon ? 'The key locks in a few seconds, unless you do something.' : ''}</span>
      </div>
    `;
  }

  #choose(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    chooseIdleTime(value === '' ? undefined : Number(value));
    this.#apply();
  }

  readonly #onStorage = (): void => this.#apply();

  #apply(): void {
    this.vault.lockAfter(idleTime());
    this.now = Date.now();
  }
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
