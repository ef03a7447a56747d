import { type CSSResult, css } from 'lit';

/** Fields one below the other, with what belongs to them. */
export const formStyles: CSSResult = css`
  form,
  .fields {
    display: grid;
    gap: 0.75rem;
  }

  label.field {
    display: grid;
    gap: 0.25rem;
    font-size: 0.875rem;
    font-weight: 500;
  }

  label.field input,
  label.field select {
    width: 100%;
  }

  label.tick {
    display: flex;
    gap: 0.5rem;
    align-items: baseline;
    font-size: 0.875rem;
  }

  label.tick input {
    min-height: 0;
    flex: none;
    accent-color: var(--accent);
  }

  .text,
  .hint {
    font-size: 0.875rem;
  }

  .hint {
    color: var(--muted);
    font-size: 0.8125rem;
  }

  .error {
    padding-left: 0.625rem;
    border-left: 3px solid var(--danger);
    font-size: 0.875rem;
    color: var(--danger);
    overflow-wrap: anywhere;
  }

  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    align-items: center;
  }

  summary {
    width: fit-content;
    padding: 0.25rem 0;
    font-size: 0.875rem;
    font-weight: 500;
    cursor: pointer;
  }

  details > :not(summary) {
    margin-top: 0.375rem;
  }

  @media (pointer: coarse) {
    summary {
      padding: 0.5rem 0;
    }
  }

  .row > input {
    flex: 1 1 10rem;
  }

  .row.end {
    justify-content: flex-end;
  }

  input[aria-invalid='true'] {
    border-color: var(--danger);
  }
`;
