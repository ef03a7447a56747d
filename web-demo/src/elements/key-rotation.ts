import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { type KeyInfo, type RotationProgress, rotateKeys } from 'tokenkeep';
import type { KeyHolding } from '../keys/key-holding.ts';
import { refusalText } from '../keys/refusal-text.ts';
import { addSampleTokens, sampleCount } from '../keys/sample-tokens.ts';
import { controls } from '../styles/controls.ts';
import { formStyles } from '../styles/form-styles.ts';

/** The keys that seal, and a new one in their place: every record is sealed anew with it, and the old one is removed. */
export class KeyRotation extends LitElement {
  static override readonly properties = {
    holding: { attribute: false },
    keys: { attribute: false },
    busy: { state: true },
    progress: { state: true },
    said: { state: true },
    error: { state: true },
  };

  static override readonly styles = [
    controls,
    formStyles,
    css`
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
        font-size: 0.875rem;
      }

      progress {
        width: 100%;
        height: 0.5rem;
        accent-color: var(--accent);
      }

      .counts {
        font-size: 0.8125rem;
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  declare holding: KeyHolding;
  declare keys: readonly KeyInfo[];
  /** What is under way, in words. */
  declare busy: string | undefined;
  declare progress: RotationProgress | undefined;
  declare said: string;
  declare error: string | undefined;

  constructor() {
    super();
    this.keys = [];
    this.said = '';
  }

  protected override render(): TemplateResult {
    const isUnfinished = this.keys.some((key) => !isInUse(key));
    return html`
      <div class="fields">
        <ul aria-label="Keys">${this.keys.map((key) => html`<li><code>${key.keyId}</code> ${keyText(key)}</li>`)}</ul>
        <p class="hint">
          Rotating makes a new key, seals every record anew with it, and removes the old one: what somebody has copied of it opens
          nothing that is stored from then on. It can be broken off and taken up again.
        </p>
        <div class="row">
          <button type="button" ?disabled=${this.busy !== undefined} @click=${() => this.#run('Rotating', () => this.#rotate(isUnfinished))}>
            ${isUnfinished ? 'Finish rotating' : 'Rotate'}</button>
          <button type="button" ?disabled=${this.busy !== undefined} @click=${() => this.#run('Saving', () => this.#addSamples())}>
            Add ${sampleCount} sample tokens</button>
        </div>
        ${this.progress === undefined ? nothing : progressOf(this.progress)}
        <p class="text" role="status">${this.busy === undefined ? this.said : `${this.busy} …`}</p>
        <p class="error" role="alert" ?hidden=${this.error === undefined}>${this.error}</p>
      </div>
    `;
  }

  async #run(busy: string, work: () => Promise<string>): Promise<void> {
    [this.busy, this.error, this.said] = [busy, undefined, ''];
    try {
      this.said = await work();
    } catch (error) {
      this.error = refusalText(error);
    } finally {
      this.busy = undefined;
    }
  }

  /** @returns what was done, in words. */
  async #rotate(isUnfinished: boolean): Promise<string> {
    const { vault, backend } = this.holding;
    this.progress = undefined;
    if (!isUnfinished) await vault.addKey();
    let failed = 0;
    for await (const progress of rotateKeys({ backend, keyring: vault.keyring, batchSize: 20 })) {
      this.progress = progress;
      failed = progress.failed;
    }
    if (failed > 0)
      return `${failed} records do not open, and nothing was done to them. The old key stays for their sake.`;
    const old = vault.keys().filter((key) => !isInUse(key));
    for (const { keyId } of old) await vault.retireKey(keyId);
    return `Done. Removed: key ${old.map(({ keyId }) => keyId).join(', ')}.`;
  }

  async #addSamples(): Promise<string> {
    await addSampleTokens(this.holding);
    return `${sampleCount} tokens that nobody uses are stored, so that a rotation has something to do.`;
  }
}

function isInUse({ primary, primaryIndex }: KeyInfo): boolean {
  return primary || primaryIndex;
}

function keyText(key: KeyInfo): string {
  if (isInUse(key)) return 'seals and finds';
  return { pending: 'is about to be used', enabled: 'only opens older records', disabled: 'is out of use' }[key.status];
}

function progressOf({ total, resealed, overtaken, failed, remaining }: RotationProgress): TemplateResult {
  const more = [
    ...(overtaken > 0 ? [`${overtaken} by somebody else meanwhile`] : []),
    ...(failed > 0 ? [`${failed} do not open, and were left alone`] : []),
  ];
  return html`
    <div>
      <progress aria-label="Records sealed anew" max=${Math.max(total, 1)} value=${total === 0 ? 1 : total - remaining}></progress>
      <p class="counts">${[`${resealed} of ${total} records sealed anew`, ...more].join(', ')}${remaining > 0 ? `, ${remaining} to go` : ''}</p>
    </div>
  `;
}
