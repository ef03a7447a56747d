/** What becomes of a step that waits at a gate. */
export type Fate = string;

/** A step of the code under test that waits for its turn: it has not happened yet. */
export interface Gate {
  /** Who takes the step. */
  readonly process: number;
  readonly kind: 'backend' | 'arrival' | 'answer' | 'api';
  readonly label: string;
  /** Since when, in virtual milliseconds. */
  readonly since: number;
  open(fate: Fate): void;
}

interface Timer {
  readonly at: number;
  readonly number: number;
  readonly run: () => void;
}

/** The next turn of the real event loop, where a run has replaced the timers. */
const nextTurn = ((): (() => Promise<void>) => {
  const { setImmediate, setTimeout } = globalThis as typeof globalThis & { setImmediate?: (run: () => void) => void };
  return setImmediate === undefined
    ? () => new Promise((resolve) => setTimeout(resolve, 0))
    : () => new Promise((resolve) => setImmediate(resolve));
})();

/**
 * A world in which one thing happens at a time, in an order that the test decides: every step that reaches outside waits at
 * a gate, and time passes only when the test says so.
 *
 * In between, real work goes on (Web Crypto, a real database). It counts as running until it has ended; the world is quiet
 * when nothing runs and the microtasks have been worked off. Then every task waits at a gate, for a timer, or for another
 * task.
 */
export class VirtualWorld {
  /** Steps that wait. */
  #gates: Gate[] = [];
  #timers: Timer[] = [];
  #time = 0;
  #timersMade = 0;
  #running = 0;
  #random = -1;
  #isSeeded = false;
  /** The processes that have died: nothing they do reaches anything any more. */
  readonly dead = new Set<number>();

  /** Begins the part of the run whose random numbers follow from this seed. Before that, they are the same in all runs. */
  seed(seed: number): void {
    this.#random = seed | 0;
    this.#isSeeded = true;
  }

  get isSeeded(): boolean {
    return this.#isSeeded;
  }

  /** Virtual milliseconds since the beginning. */
  get time(): number {
    return this.#time;
  }

  /** The steps that wait, in an order that does not depend on how long the real work before them took. */
  get gates(): readonly Gate[] {
    return this.#gates;
  }

  /** Waits until this step's turn. Never, when its process has died, unless it is out of the process by then. */
  gate(step: Pick<Gate, 'process' | 'kind' | 'label'>): Promise<Fate> {
    return new Promise((resolve) => {
      if (this.dead.has(step.process)) return;
      const gate: Gate = {
        ...step,
        since: this.#time,
        open: (fate) => {
          this.#gates = this.#gates.filter((other) => other !== gate);
          resolve(fate);
        },
      };
      const after = this.#gates.findIndex((other) => order(other) > order(gate));
      this.#gates.splice(after < 0 ? this.#gates.length : after, 0, gate);
    });
  }

  /** The process dies. What it has sent to a server arrives all the same. */
  kill(process: number): void {
    this.dead.add(process);
    this.#gates = this.#gates.filter((gate) => gate.process !== process || gate.kind === 'arrival');
  }

  /** Counts work in the real world as running. */
  async run<Result>(work: () => PromiseLike<Result>): Promise<Result> {
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
    }
  }

  /** Resolves when the world is quiet. */
  async quiet(): Promise<void> {
    for (let turns = 0; turns < 3; turns++) {
      await nextTurn();
      if (this.#running > 0) turns = -1;
    }
  }

  /** Lets time pass, timer by timer. */
  async wait(ms: number): Promise<void> {
    const until = this.#time + ms;
    while (this.#timers[0] !== undefined && this.#timers[0].at <= until) {
      this.fire();
      await this.quiet();
    }
    this.#time = Math.max(this.#time, until);
  }

  /** Goes to the next timer. Returns whether there was one. */
  fire(): boolean {
    const timer = this.#timers.shift();
    if (timer === undefined) return false;
    this.#time = Math.max(this.#time, timer.at);
    timer.run();
    return true;
  }

  /** A random number from 0 to 1, the same in every run of one seed (mulberry32). */
  readonly random = (): number => {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#random ^ (this.#random >>> 15), 1 | this.#random);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };

  readonly setTimeout = (run: () => void, ms = 0): number => {
    const number = ++this.#timersMade;
    const timer = { at: this.#time + Math.max(1, Math.ceil(ms)), number, run };
    const after = this.#timers.findIndex((other) => other.at > timer.at);
    this.#timers.splice(after < 0 ? this.#timers.length : after, 0, timer);
    return number;
  };

  readonly clearTimeout = (number: unknown): void => {
    this.#timers = this.#timers.filter((timer) => timer.number !== number);
  };

  /** `AbortSignal.timeout` of this world. */
  readonly timeout = (ms: number): AbortSignal => {
    const controller = new AbortController();
    this.setTimeout(() => controller.abort(new DOMException('it took too long', 'TimeoutError')), ms);
    return controller.signal;
  };
}

function order({ process, kind, label }: Gate): string {
  return `${process} ${kind} ${label}`;
}
