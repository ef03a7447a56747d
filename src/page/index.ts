export { createPageClient } from './create-page-client.ts';
export type { PageClient, PageClientOptions } from './page-client.ts';
export type { PageEvent } from './page-events.ts';
export { tabSignals } from './tab-signals.ts';
