import { css, html, LitElement, type TemplateResult } from 'lit';
import { controls } from '../styles/controls.ts';

/** One line of the log. */
export interface LogLine {
  readonly at: Date;
  readonly text: string;
  readonly failed: boolean;
  /** Whether it happened in another tab. */
  readonly elsewhere?: boolean;
}

/** What is under way and what happened, with times, the newest at the end and in view. Both are read out. */
export class EventLog extends LitElement {
  static override readonly properties = { lines: { attribute: false }, busy: { attribute: false } };

  static override readonly styles = [
    controls,
    css`
      :host {
        display: block;
      }

      .head {
        display: flex;
        flex-wrap: wrap;
        gap: 0 1rem;
        align-items: center;
        min-height: 1.5rem;
      }

      .progress {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        font-size: 0.8125rem;
        color: var(--accent);
      }

      .spinner {
        width: 0.875rem;
        height: 0.875rem;
        border: 2px solid var(--line);
        border-top-color: var(--accent);
        border-radius: 50%;
        animation: turn 0.8s linear infinite;
      }

      @keyframes turn {
        to {
          transform: rotate(1turn);
        }
      }

      ol {
        margin: 0.375rem 0 0;
        padding: 0;
        list-style: none;
        font-size: 0.8125rem;
        max-height: 11rem;
        overflow-y: auto;
      }

      li {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 0.75rem;
        padding: 0.125rem 0;
        overflow-wrap: anywhere;
      }

      time {
        color: var(--muted);
        font-family: var(--mono);
        font-size: 0.75rem;
        line-height: 1.25rem;
      }

      .elsewhere {
        margin-right: 0.375rem;
        padding: 0 0.375rem;
        border: 1px solid var(--line);
        border-radius: 0.25rem;
        font-size: 0.75rem;
        color: var(--muted);
        white-space: nowrap;
      }

      .failed {
        color: var(--danger);
      }

      .empty {
        color: var(--muted);
        font-size: 0.8125rem;
        margin-top: 0.375rem;
      }
    `,
  ];

  declare lines: readonly LogLine[];
  /** What is under way, in words. */
  declare busy: string | undefined;

  constructor() {
    super();
    this.lines = [];
  }

  protected override render(): TemplateResult {
    return html`
      <div class="head">
        <h3 id="title">What happened</h3>
        <p class="progress" role="status">${this.busy === undefined ? '' : html`<span class="spinner"></span>${this.busy} …`}</p>
      </div>
      ${this.lines.length === 0 && this.busy === undefined ? html`<p class="empty">Nothing yet.</p>` : ''}
      <ol role="log" aria-labelledby="title" tabindex=${this.lines.length > 4 ? 0 : -1}>
        ${this.lines.map(
          ({ at, text, failed, elsewhere }) => html`
            <li><time datetime=${at.toISOString()}>${at.toLocaleTimeString('en-GB')}</time>
            <span class=${failed ? 'failed' : ''}>${elsewhere ? html`<span class="elsewhere">another tab</span>` : ''}${text}</span></li>
          `,
        )}
      </ol>
    `;
  }

  protected override updated(): void {
    const list = this.renderRoot.querySelector('ol');
    if (list !== null) list.scrollTop = list.scrollHeight;
  }
}
