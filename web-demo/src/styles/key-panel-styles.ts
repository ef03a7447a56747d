import { type CSSResult, css } from 'lit';

/** The look of `<key-panel>`. */
export const keyPanelStyles: CSSResult = css`
  :host {
    display: block;
  }

  section {
    display: grid;
    gap: 0.75rem;
    padding: 0.75rem 1rem;
    border: 1px solid var(--line);
    border-radius: 0.625rem;
    background: var(--inset);
  }

  section > * {
    min-width: 0;
  }

  .top {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 0.75rem;
    align-items: baseline;
    justify-content: space-between;
  }

  h3 {
    font-size: 0.9375rem;
    color: var(--text);
  }

  h3:focus {
    outline: none;
  }

  .state {
    font-size: 0.8125rem;
    color: var(--muted);
  }

  .state.open {
    color: var(--accent);
  }

  .state.gone {
    color: var(--danger);
  }

  .warning {
    padding-left: 0.625rem;
    border-left: 3px solid var(--warning);
    font-size: 0.8125rem;
  }

  /* in the accessibility tree all the time: what is not there yet is not read out */
  .said:empty {
    position: absolute;
  }
`;
