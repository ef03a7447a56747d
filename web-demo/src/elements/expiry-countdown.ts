import { css, html, LitElement, svg, type TemplateResult } from 'lit';

/** How long an access token is still good for, counted down once a second. */
export class ExpiryCountdown extends LitElement {
  static override readonly properties = {
    expiresAt: { type: Number },
    final: { type: Boolean },
    now: { state: true },
  };

  static override readonly styles = css`
    :host {
      display: flex;
      align-items: center;
      gap: 0.375rem;
      font-variant-numeric: tabular-nums;
    }

    svg {
      width: 1rem;
      height: 1rem;
      flex: none;
      transform: rotate(-90deg);
    }

    circle {
      fill: none;
      stroke: var(--line);
      stroke-width: 3;
    }

    .left {
      stroke: var(--accent);
    }

    .expired {
      color: var(--warning);
    }
  `;

  declare expiresAt: number | undefined;
  /** Whether nothing renews the token any more. */
  declare final: boolean;
  declare now: number;
  /** The longest remaining time seen of this token: what a full ring stands for. */
  #whole = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.now = Date.now();
    this.final = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => {
      this.now = Date.now();
    }, 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('expiresAt')) return;
    this.now = Date.now();
    this.#whole = Math.max(1, (this.expiresAt ?? 0) - this.now);
  }

  protected override render(): TemplateResult {
    if (this.expiresAt === undefined) return html`<span>not stated by the server</span>`;
    const left = this.expiresAt - this.now;
    if (left <= 0) return html`<span class="expired">expired${this.final ? '' : ': renewed on the next call'}</span>`;
    const part = Math.min(1, left / this.#whole);
    return html`
      <svg viewBox="0 0 16 16" aria-hidden="true">
        ${svg`<circle cx="8" cy="8" r="6" /><circle class="left" cx="8" cy="8" r="6" pathLength="100"
          stroke-dasharray="100" stroke-dashoffset=${100 * (1 - part)} />`}
      </svg>
      <span>in ${duration(left)}</span>
    `;
  }
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`;
}
