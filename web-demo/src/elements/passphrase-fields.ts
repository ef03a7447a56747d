import { html, nothing, type TemplateResult } from 'lit';

/** Fields, part of a form, for a new passphrase; with the present one when it is to be changed. */
export function passphraseFields(isChange: boolean, invalid: boolean): TemplateResult {
  return html`
    <input type="text" autocomplete="username" value="tokenkeep demo" hidden />
    ${
      isChange
        ? html`<label class="field">Present passphrase
            <input name="proof" type="password" required autofocus autocomplete="current-password"
              aria-describedby="error" aria-invalid=${invalid} /></label>`
        : nothing
    }
    <label class="field">New passphrase
      <input name="next" type="password" required ?autofocus=${!isChange} minlength="8" autocomplete="new-password"
        aria-describedby="advice error" aria-invalid=${invalid} /></label>
    <p id="advice" class="hint">Six random words hold; a word with a number does not. Nobody can bring it back.</p>
    <label class="field">The same again
      <input name="again" type="password" required autocomplete="new-password" aria-describedby="error" aria-invalid=${invalid} /></label>
    ${
      isChange
        ? html`<label class="tick"><input name="rotate" type="checkbox" aria-describedby="rotate" />Make a new key as well</label>
            <p id="rotate" class="hint">
              For when somebody may know the old passphrase and have an old copy of the browser’s files: what is sealed from now
              on is shut to him. Passkeys, the recovery code and the half at the worker have to be added again.
            </p>`
        : nothing
    }
  `;
}
