import type { RecordBackend } from '../../../src/core/record-backend.ts';
import { TokenkeepError } from '../../../src/core/tokenkeep-error.ts';
import { EncryptedTokenStore } from '../../../src/store/encrypted-token-store.ts';
import { StrictAuthorizationServer } from '../strict-authorization-server.ts';
import { gatedBackend } from './gated-backend.ts';
import { GatedNetwork, isHarmless } from './gated-network.ts';
import { type Caller, judgeAnswer, judgeFailure, sourceKinds } from './judge-caller.ts';
import { ModelAudit } from './model-audit.ts';
import { client, type Got, issuer, ModelProcess } from './model-process.ts';
import { accounts, type CallerKind, type Plan, processes } from './plan.ts';
import type { Report, Setting } from './run-plan.ts';
import { VirtualSignals } from './virtual-signals.ts';
import type { Gate, VirtualWorld } from './virtual-world.ts';

/** When every run begins, in epoch milliseconds. */
const beginning = 1_795_000_000_000;
const ageMs = { fresh: 0, due: 3_500_000, expired: 3_601_000 };

/** One schedule under way: does its steps, and sees what comes of them. */
export class ModelRun {
  readonly audit: ModelAudit;
  readonly network: GatedNetwork;
  readonly server: StrictAuthorizationServer;
  readonly plan: Plan;
  /** Callers that have not ended and are not dead, by their number. */
  readonly waiting = new Map<number, Caller>();
  /** What a session may end by. Without any, nothing may be lost. */
  readonly dangers = new Set<string>();
  /** What a caller may fail by. Without any, everybody is served. */
  readonly hindrances = new Set<string>();
  /** Whether the database has failed anybody, and the server has refused the client. */
  readonly fates = new Set<'database' | 'client'>();
  /** How the last caller for each user ended. */
  readonly last = new Map<string, Got | TokenkeepError>();
  readonly #trace: string[] = [];
  readonly #world: VirtualWorld;
  readonly #setting: Setting;
  readonly #backend: RecordBackend;
  readonly #signals: VirtualSignals;
  /** Of the processes, and of the database. */
  readonly #clocks: number[] = Array.from({ length: processes + 1 }, () => 0);
  readonly #slots: (ModelProcess | undefined)[] = [];
  #processesMade = 0;
  #callers = 0;
  #faults = 0;
  #age = 0;
  readonly #delays = new Map<number, number>();

  constructor(world: VirtualWorld, plan: Plan, setting: Setting) {
    this.#world = world;
    this.#setting = setting;
    this.plan = plan;
    const now = (): number => beginning + world.time - this.#age;
    this.server = new StrictAuthorizationServer({ issuer, client, graces: plan.graces, now });
    this.network = new GatedNetwork(world, this.server, now);
    this.audit = new ModelAudit(setting.keyring, setting.tenant ?? 'default', this.server);
    this.#signals = new VirtualSignals(world);
    this.#backend = setting.backend(() => beginning + world.time + (this.#clocks[processes] as number));
  }

  /** Everybody has signed in, a while ago. */
  async begin(): Promise<void> {
    this.#age = ageMs[this.plan.age];
    const put: RecordBackend['put'] = async (record, condition) => {
      const outcome = await this.#backend.put(record, condition);
      await this.audit.wrote(record, 0, true);
      return outcome;
    };
    const process = this.#process(this.#storeOver({ ...this.#backend, put }), 0);
    for (const user of accounts) await process.act('signIn', user, new AbortController().signal);
    this.#age = 0;
  }

  /** A caller begins. */
  start(kind: CallerKind, slot: number, user: string): void {
    let process = this.#slots[slot];
    if (process === undefined) {
      const number = ++this.#processesMade;
      const gated = gatedBackend(this.#world, number, this.#backend, this.audit);
      process = this.#process(this.#storeOver(this.#setting.breakBackend?.(gated) ?? gated), slot, number);
      this.#slots[slot] = process;
    }
    const { number, now } = process;
    const caller = ++this.#callers;
    const name = `${kind} ${user} (caller ${caller})`;
    const refused = this.audit.stored.get(user)?.token.accessToken;
    const giveUp = new AbortController();
    const known: Caller = { name, kind, user, process: number, now, refused, giveUp };
    this.waiting.set(caller, known);
    this.#note(`p${number} begins ${name}`);
    if (kind === 'signOut') this.hindrances.add('sign-out');
    process.act(kind, user, giveUp.signal).then(
      (got) => {
        if (this.#ends(caller, known, got, describe(got))) judgeAnswer(this, known, got);
      },
      (error: TokenkeepError) => {
        const code = error instanceof TokenkeepError ? error.code : `no code: ${error}`;
        if (this.#ends(caller, known, error, `${code} ${error.reason ?? ''}`)) judgeFailure(this, known, error);
      },
    );
  }

  /** A waiting step takes place, or fails. */
  open(gate: Gate, fate: string): void {
    this.#noteDelay(gate);
    this.#delays.set(gate.process, this.#world.time - gate.since + (this.#delays.get(gate.process) ?? 0));
    if (fate !== 'do' && gate.kind !== 'api') {
      this.hindrances.add('fault');
      if (gate.kind === 'backend') this.fates.add('database');
      if (fate.includes('_client')) this.fates.add('client');
      if (gate.kind === 'backend' && ++this.#faults > 5) this.dangers.add('the database failed for long');
      else if (gate.kind !== 'backend' && !isHarmless(fate)) this.dangers.add('lost answer');
    }
    this.#note(`p${gate.process} ${gate.kind} ${gate.label}: ${fate}`);
    gate.open(fate);
  }

  /** The step takes place, and its process dies before it knows. */
  crashAfter(gate: Gate): void {
    const slot = this.#slots.findIndex((process) => process?.number === gate.process);
    this.open(gate, 'do');
    if (slot >= 0) this.crash(slot);
  }

  /** Somebody who waits for a token gives up. */
  abort(pick: number): void {
    const those = [...this.waiting.values()].filter(({ kind }) => sourceKinds.has(kind));
    const caller = those[pick % Math.max(1, those.length)];
    if (caller === undefined) return;
    this.#note(`p${caller.process} gives up: ${caller.name}`);
    caller.giveUp.abort();
  }

  /** Who has given up waits for nothing more, not even for the database. */
  checkGivenUp(): void {
    for (const { name, giveUp } of this.waiting.values()) {
      if (giveUp.signal.aborted) this.violate(`${name} gave up, and still waits`);
    }
  }

  crash(slot: number): void {
    const number = this.#slots[slot]?.number;
    if (number === undefined) return;
    this.#note(`p${number} dies`);
    this.#slots[slot] = undefined;
    this.dangers.add('crash');
    this.hindrances.add('crash');
    this.#world.kill(number);
    this.#signals.kill(number);
    for (const [caller, { process }] of this.waiting) if (process === number) this.waiting.delete(caller);
  }

  /** A clock is set. */
  jump(whose: number, ms: number): void {
    this.#note(`clock ${whose} jumps by ${ms}`);
    this.#clocks[whose] = (this.#clocks[whose] as number) + ms;
    this.hindrances.add('jump');
    if (whose === processes) this.dangers.add('jump of the database');
  }

  /** A new process with the right time asks for a token that nobody can have yet. */
  askLast(user: string): void {
    this.#slots[0] = undefined;
    this.#clocks[0] = 0;
    this.start('force', 0, user);
  }

  violate(what: string): void {
    this.audit.violations.push(what);
  }

  report(): Report {
    return { violations: this.audit.violations, dangers: [...this.dangers], trace: this.#trace };
  }

  #storeOver(backend: RecordBackend): EncryptedTokenStore {
    const { keyring, tenant = 'default' } = this.#setting;
    return new EncryptedTokenStore({ backend, keyring, tenant });
  }

  #process(store: EncryptedTokenStore, slot: number, number = 0): ModelProcess {
    const { server, plan } = this;
    return new ModelProcess({
      number,
      plan,
      server,
      store: this.#setting.breakStore?.(store) ?? store,
      fetch: this.network.of(number),
      signals: this.#signals.of(number),
      now: () => beginning + this.#world.time - this.#age + (this.#clocks[slot] as number),
      signsIn: (refreshToken, begins) => this.audit.signsIn(number, refreshToken, begins),
    });
  }

  /** Notes that a caller has ended. Returns whether that counts: the dead tell no tales. */
  #ends(caller: number, { process, user }: Caller, how: Got | TokenkeepError, text: string): boolean {
    if (this.#world.dead.has(process)) return false;
    this.waiting.delete(caller);
    for (const gate of this.#world.gates) this.#noteDelay(gate);
    this.last.set(user, how);
    this.#note(`p${process} caller ${caller} ends: ${text}`);
    return true;
  }

  /** Not everything is done in time any more when steps take too long. */
  #noteDelay(gate: Gate): void {
    const waited = this.#world.time - gate.since;
    const inAll = waited + (this.#delays.get(gate.process) ?? 0);
    if (waited > (gate.kind === 'backend' ? 3000 : 4500) || inAll > 18_000) this.dangers.add('slow');
    if (waited > 1000 || inAll > 6000) this.hindrances.add('slow');
  }

  #note(what: string): void {
    this.#trace.push(`${(this.#world.time / 1000).toFixed(3)} ${what}`);
  }
}

function describe({ token, status }: Got): string {
  return token === undefined ? `${status ?? 'done'}` : `${token.outcome}, revision ${token.revision}`;
}
