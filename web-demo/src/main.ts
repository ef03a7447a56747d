import { defineElements } from './define-elements.ts';
import type { FlowCard } from './elements/flow-card.ts';
import type { KeyPanel } from './elements/key-panel.ts';
import { errorText } from './error-text.ts';
import { askWorker } from './flows/ask-worker.ts';
import { edgeFlow } from './flows/edge-flow.ts';
import { pageFlow } from './flows/page-flow.ts';
import { openKeyHolding } from './keys/key-holding.ts';
import type { Settings } from './settings.ts';

defineElements();
try {
  const settings = (await askWorker('/demo/settings')) as Settings;
  const startPage = async (): Promise<void> => {
    const holding = await openKeyHolding();
    await holding.wake();
    await (document.querySelector('key-panel') as KeyPanel).start(holding);
    await card('page').start(pageFlow(settings, holding));
  };
  await Promise.all([startPage(), card('edge').start(edgeFlow(settings))]);
} catch (error) {
  const notice = document.getElementById('notice') as HTMLElement;
  notice.hidden = false;
  notice.textContent = errorText(error);
}

function card(id: string): FlowCard {
  return document.getElementById(id) as FlowCard;
}
