import type { RenewalSignals } from '../../../src/manager/renewal-signals.ts';
import type { VirtualWorld } from './virtual-world.ts';

/** Signs of life as Web Locks give them: they end with the work, or with the process. Now and then there is none to be had. */
export class VirtualSignals {
  readonly #world: VirtualWorld;
  readonly #holds = new Map<string, { readonly process: number; readonly over: (() => void)[] }>();

  constructor(world: VirtualWorld) {
    this.#world = world;
  }

  of(process: number): RenewalSignals {
    return {
      hold: async (owner, work) => {
        if (this.#world.random() < 0.2) return work(owner.slice('lock:'.length));
        this.#holds.set(owner, { process, over: [] });
        try {
          return await work(owner);
        } finally {
          this.#end(owner);
        }
      },
      gone: (owner, ms) => {
        const hold = this.#holds.get(owner);
        if (hold === undefined) return Promise.resolve(true);
        return new Promise((resolve) => {
          hold.over.push(() => resolve(true));
          this.#world.setTimeout(() => resolve(false), ms);
        });
      },
    };
  }

  kill(process: number): void {
    for (const [owner, hold] of this.#holds) if (hold.process === process) this.#end(owner);
  }

  #end(owner: string): void {
    const over = this.#holds.get(owner)?.over ?? [];
    this.#holds.delete(owner);
    for (const tell of over) tell();
  }
}
