import { ByteSearch } from './elements/byte-search.ts';
import { EventLog } from './elements/event-log.ts';
import { ExpiryCountdown } from './elements/expiry-countdown.ts';
import { FlowCard } from './elements/flow-card.ts';
import { MaskedValue } from './elements/masked-value.ts';
import { RecordComparison } from './elements/record-comparison.ts';
import { SealedBytes } from './elements/sealed-bytes.ts';

/** Makes the page's elements known to the browser. */
export function defineElements(): void {
  customElements.define('byte-search', ByteSearch);
  customElements.define('event-log', EventLog);
  customElements.define('expiry-countdown', ExpiryCountdown);
  customElements.define('flow-card', FlowCard);
  customElements.define('masked-value', MaskedValue);
  customElements.define('record-comparison', RecordComparison);
  customElements.define('sealed-bytes', SealedBytes);
}
