import { type CSSResult, css } from 'lit';

/** The look of `<flow-card>`. */
export const flowCardStyles: CSSResult = css`
  :host {
    display: block;
  }

  section {
    display: grid;
    gap: 1rem;
    padding: clamp(1rem, 2.5vw, 1.5rem);
    border: 1px solid var(--line);
    border-radius: 0.875rem;
    background: var(--card);
  }

  section > * {
    min-width: 0;
  }

  .top {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 0.75rem;
    align-items: center;
    justify-content: space-between;
  }

  .chip {
    max-width: 100%;
    padding: 0.0625rem 0.625rem;
    border: 1px solid var(--line);
    border-radius: 1rem;
    font-size: 0.8125rem;
    color: var(--muted);
    overflow-wrap: anywhere;
  }

  .chip.in {
    color: var(--accent);
    border-color: currentColor;
  }

  .chip.refused {
    color: var(--danger);
    border-color: currentColor;
  }

  .summary {
    margin-top: -0.625rem;
    color: var(--muted);
    font-size: 0.9375rem;
  }

  .must {
    padding: 0.5rem 0.75rem;
    border: 1px solid var(--warning);
    border-radius: 0.5rem;
    font-size: 0.875rem;
  }

  .facts {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0.25rem 1rem;
    margin: 0;
    font-size: 0.875rem;
  }

  .facts dt {
    color: var(--muted);
  }

  .facts dd {
    margin: 0;
    overflow-wrap: anywhere;
  }

  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }

  .actions h3 {
    align-self: center;
    flex: none;
    margin-right: 0.25rem;
  }

  @media (max-width: 30rem) {
    .actions h3 {
      flex-basis: 100%;
    }
  }

  pre {
    max-height: 12rem;
    margin: 0.375rem 0 0;
    padding: 0.625rem 0.75rem;
    border-radius: 0.5rem;
    background: var(--inset);
    overflow: auto;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  record-comparison,
  .empty {
    padding-top: 1rem;
    border-top: 1px solid var(--line);
  }

  .empty {
    color: var(--muted);
    font-size: 0.875rem;
  }
`;
