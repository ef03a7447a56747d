import { html, type TemplateResult } from 'lit';
import type { SlotInfo, SlotKind, SlotMethod } from 'tokenkeep/vault';
import { needsNoUser, slotOf } from '../keys/slot-of.ts';
import { slotTexts } from '../keys/slot-text.ts';

/** The kinds of slot by which a change can be confirmed, the easiest first. */
export function proofKinds(slots: readonly SlotInfo[]): readonly SlotKind[] {
  const kinds = [...new Set(slots.map(({ kind }) => kind))];
  const silent = kinds.find((kind) => kind === 'device' || kind === 'session');
  if (silent !== undefined) return [silent];
  const order: readonly SlotKind[] = ['passphrase', 'passkey', 'split', 'recovery'];
  return order.filter((kind) => kinds.includes(kind));
}

/** Fields, part of a form, that ask for one of the present slots; none where a slot answers for itself. */
export function proofFields(
  kinds: readonly SlotKind[],
  chosen: SlotKind | undefined,
  invalid: boolean,
  onChoice: (kind: SlotKind) => void,
): TemplateResult | string {
  if (kinds.length === 1 && needsNoUser(kinds[0] as SlotKind)) return '';
  return html`
    ${
      kinds.length > 1
        ? html`<label class="field">Confirm with
            <select name="by" @change=${(event: Event) => onChoice((event.target as HTMLSelectElement).value as SlotKind)}>
              ${kinds.map((kind) => html`<option value=${kind} ?selected=${kind === chosen}>${slotTexts[kind].name}</option>`)}
            </select></label>`
        : ''
    }
    ${
      chosen === 'passphrase' || chosen === 'recovery'
        ? html`<input type="text" autocomplete="username" value="tokenkeep demo" hidden /><label class="field">${chosen === 'passphrase' ? 'Present passphrase' : 'Recovery code'}
            <input name="proof" required aria-describedby="error" aria-invalid=${invalid}
              type=${chosen === 'passphrase' ? 'password' : 'text'} spellcheck="false"
              autocomplete=${chosen === 'passphrase' ? 'current-password' : 'off'} /></label>`
        : ''
    }
    ${chosen === 'passkey' ? html`<p class="hint">Your passkey is asked for.</p>` : ''}
  `;
}

/** The slot that {@link proofFields} asked for. */
export function proofOf(kind: SlotKind, form: FormData): SlotMethod {
  return slotOf(kind, String(form.get('proof') ?? ''));
}
