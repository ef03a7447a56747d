import { defineElements } from './define-elements.ts';
import type { FlowCard } from './elements/flow-card.ts';
import { staticFlow } from './flows/static-flow.ts';

defineElements();
const card = (id: string): FlowCard => document.getElementById(id) as FlowCard;
void card('edge').start(staticFlow('edge'));
void card('page').start(staticFlow('page'));
