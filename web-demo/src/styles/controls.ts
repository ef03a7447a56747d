import { type CSSResult, css } from 'lit';

/** Buttons, inputs and headings, for every element that has some. */
export const controls: CSSResult = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  [hidden] {
    display: none !important;
  }

  h2,
  h3,
  p {
    margin: 0;
  }

  h2 {
    font-size: 1.125rem;
    line-height: 1.3;
  }

  h3 {
    font-size: 0.8125rem;
    font-weight: 600;
    color: var(--muted);
  }

  button {
    font: inherit;
    font-size: 0.875rem;
    font-weight: 500;
    min-height: 2.25rem;
    padding: 0.25rem 0.75rem;
    border: 1px solid var(--line);
    border-radius: 0.5rem;
    color: var(--text);
    background: var(--card);
    cursor: pointer;
    transition: background-color 120ms, border-color 120ms;
  }

  button:hover:not(:disabled) {
    border-color: var(--muted);
  }

  button.primary {
    color: var(--on-accent);
    background: var(--accent);
    border-color: var(--accent);
  }

  button.danger {
    color: var(--danger);
  }

  button:disabled {
    opacity: 0.5;
    cursor: default;
  }

  button[aria-pressed='true'] {
    border-color: var(--accent);
    color: var(--accent);
  }

  input,
  select {
    font: inherit;
    font-size: 0.875rem;
    min-height: 2.25rem;
    min-width: 0;
    padding: 0.25rem 0.625rem;
    border: 1px solid var(--line);
    border-radius: 0.5rem;
    color: var(--text);
    background: var(--card);
  }

  :focus-visible {
    outline: 2px solid var(--focus);
    outline-offset: 2px;
  }

  code,
  pre {
    font-family: var(--mono);
    font-size: 0.75rem;
  }

  @media (pointer: coarse) {
    button,
    input,
    select {
      min-height: 2.75rem;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation-duration: 0s !important;
      animation-iteration-count: 1 !important;
      transition-duration: 0s !important;
    }
  }
`;
