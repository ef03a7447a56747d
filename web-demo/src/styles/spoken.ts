import { type CSSResult, css } from 'lit';

/** What is there for screen readers alone. */
export const spoken: CSSResult = css`
  .spoken {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
