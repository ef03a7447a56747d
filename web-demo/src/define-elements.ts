import { AskDialog } from './elements/ask-dialog.ts';
import { ByteSearch } from './elements/byte-search.ts';
import { EventLog } from './elements/event-log.ts';
import { ExpiryCountdown } from './elements/expiry-countdown.ts';
import { FlowCard } from './elements/flow-card.ts';
import { KeyPanel } from './elements/key-panel.ts';
import { KeyRotation } from './elements/key-rotation.ts';
import { KeyWays } from './elements/key-ways.ts';
import { LockBar } from './elements/lock-bar.ts';
import { MaskedValue } from './elements/masked-value.ts';
import { ModalDialog } from './elements/modal-dialog.ts';
import { RecordComparison } from './elements/record-comparison.ts';
import { RecoveryCode } from './elements/recovery-code.ts';
import { SealedBytes } from './elements/sealed-bytes.ts';
import { UnlockForm } from './elements/unlock-form.ts';
import { WayDialog } from './elements/way-dialog.ts';

/** Makes the page's elements known to the browser. */
export function defineElements(): void {
  customElements.define('ask-dialog', AskDialog);
  customElements.define('byte-search', ByteSearch);
  customElements.define('event-log', EventLog);
  customElements.define('expiry-countdown', ExpiryCountdown);
  customElements.define('flow-card', FlowCard);
  customElements.define('key-panel', KeyPanel);
  customElements.define('key-rotation', KeyRotation);
  customElements.define('key-ways', KeyWays);
  customElements.define('lock-bar', LockBar);
  customElements.define('masked-value', MaskedValue);
  customElements.define('modal-dialog', ModalDialog);
  customElements.define('record-comparison', RecordComparison);
  customElements.define('recovery-code', RecoveryCode);
  customElements.define('sealed-bytes', SealedBytes);
  customElements.define('unlock-form', UnlockForm);
  customElements.define('way-dialog', WayDialog);
}
