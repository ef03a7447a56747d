import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type PageEvent, type PageEvents, pageEvents } from '../../src/page/page-events.ts';
import { type Application, application, issuer } from '../support/page-application.ts';

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
  vi.unstubAllGlobals();
});

/** Notes what is told; `until` resolves as soon as an event of this type has come. */
function listen(subscribe: PageEvents['subscribe']): {
  readonly events: PageEvent[];
  until(type: string): Promise<PageEvent>;
} {
  const events: PageEvent[] = [];
  const waiting = new Set<() => void>();
  endings.push(
    subscribe((event) => {
      events.push(event);
      for (const look of waiting) look();
    }),
  );
  return {
    events,
    until: (type) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.find((event) => event.type === type);
          if (found !== undefined) resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Everything that is said on the channel of the application. */
function overhear(): string[] {
  const said: string[] = [];
  const channel = new BroadcastChannel(`tokenkeep page ${issuer}`);
  channel.addEventListener('message', ({ data }) => said.push(JSON.stringify(data)));
  endings.push(() => channel.close());
  return said;
}

describe('what a page’s client tells', () => {
  let app: Application;
  beforeEach(async () => {
    app = await application();
  });

  test('is the sign-in, each renewal and the sign-out, to itself and to another tab', async () => {
    const here = listen(app.client.subscribe);
    const there = listen(app.another().subscribe);
    await app.signIn('alice');
    app.wait(301_000);
    await app.client.getToken();
    const { id } = (await app.client.token()) ?? {};
    await app.client.signOut();
    await there.until('signed-out');
    const types = ['signed-in', 'refreshed', 'signed-out'];
    for (const [{ events }, elsewhere] of [[here, false] as const, [there, true] as const]) {
      expect(events.map(({ type }) => type)).toEqual(types);
      for (const event of events) expect(event).toMatchObject({ tokenId: id, elsewhere });
    }
  });

  test('is that the user has to sign in again, and why; by then it is stored', async () => {
    const other = app.another();
    const there = listen(other.subscribe);
    await app.signInQuietly('alice');
    const { refreshToken = '' } = (await app.client.token()) ?? {};
    const body = new URLSearchParams({ token: refreshToken, client_id: 'page' });
    await app.server.fetch(`${issuer}/revoke`, { method: 'POST', body });
    app.wait(301_000);
    const failed = app.client.getToken().catch((error) => error.code);
    expect(await there.until('reauth-required')).toMatchObject({ reason: 'refused', elsewhere: true });
    expect((await other.token())?.reauthRequired?.reason).toBe('refused');
    expect(await failed).toBe('E_REAUTH');
  });

  test('is that the server is to be asked later, and how much later', async () => {
    const there = listen(app.another().subscribe);
    await app.signInQuietly('alice');
    app.wait(301_000);
    app.server.down = true;
    const { retryAfterMs } = await app.client.getToken().catch((error) => error);
    expect(await there.until('retry-later')).toMatchObject({ retryAfterMs });
  });

  test('holds no token, key or name', async () => {
    const said = overhear();
    const there = listen(app.another().subscribe);
    const user = 'sentinel-user-of-the-page-41f6c1d4';
    await app.signIn(user);
    app.wait(301_000);
    await app.client.getToken();
    await app.client.signOut();
    await there.until('signed-out');
    expect(said.length).toBeGreaterThanOrEqual(3);
    for (const secret of [user, ...app.server.secrets]) expect(said.join()).not.toContain(secret);
  });

  test('is not told to a client of another id', async () => {
    const others = app.another({
      client: { provider: { issuer }, clientId: 'other', redirectUrl: location.href, scope: [] },
    });
    const there = listen(others.subscribe);
    const same = listen(app.another().subscribe);
    await app.signInQuietly('alice');
    await app.client.signOut();
    await same.until('signed-out');
    expect(there.events).toEqual([]);
  });
});

describe('page events', () => {
  const signedIn = { type: 'signed-in', tokenId: 'one', at: 1 } as const;
  const signedOut = { type: 'signed-out', tokenId: 'one', at: 2 } as const;
  let name: string;
  beforeEach(() => {
    name = `tokenkeep ${crypto.randomUUID()}`;
  });

  test('reach another tab also from one that does not listen itself', async () => {
    const there = listen(pageEvents(name).subscribe);
    pageEvents(name).tell(signedIn);
    expect(await there.until('signed-in')).toEqual({ ...signedIn, elsewhere: true });
  });

  test('are told once to each listener, at once in their own tab', () => {
    const events = pageEvents(name);
    const [one, two] = [listen(events.subscribe), listen(events.subscribe)];
    events.tell(signedIn);
    expect([one.events, two.events]).toEqual([
      [{ ...signedIn, elsewhere: false }],
      [{ ...signedIn, elsewhere: false }],
    ]);
  });

  test('are not told to a listener that has left, and still to the others', async () => {
    const events = pageEvents(name);
    const left = vi.fn();
    const stays = listen(events.subscribe);
    const leave = events.subscribe(left);
    leave();
    leave();
    pageEvents(name).tell(signedIn);
    await stays.until('signed-in');
    events.tell(signedOut);
    expect(stays.events.map(({ type }) => type)).toEqual(['signed-in', 'signed-out']);
    expect(left).not.toHaveBeenCalled();
  });

  test('keep no channel open for nobody', async () => {
    const close = vi.spyOn(BroadcastChannel.prototype, 'close');
    const events = pageEvents(name);
    const leave = events.subscribe(() => undefined);
    events.tell(signedIn);
    expect(close).not.toHaveBeenCalled();
    leave();
    expect(close).toHaveBeenCalledOnce();
    events.tell(signedIn);
    expect(close).toHaveBeenCalledTimes(2);
    close.mockRestore();
    const again = listen(events.subscribe);
    pageEvents(name).tell(signedOut);
    await again.until('signed-out');
  });

  test('outlive a listener that throws', () => {
    const events = pageEvents(name);
    endings.push(
      events.subscribe(() => {
        throw new Error('of the listener');
      }),
    );
    const after = listen(events.subscribe);
    events.tell(signedIn);
    expect(after.events).toHaveLength(1);
  });

  test('leave alone what others say on the channel', async () => {
    const there = listen(pageEvents(name).subscribe);
    const channel = new BroadcastChannel(name);
    endings.push(() => channel.close());
    for (const message of [null, 7, 'text', {}, { type: 5 }]) channel.postMessage(message);
    channel.postMessage(signedOut);
    await there.until('signed-out');
    expect(there.events).toHaveLength(1);
  });

  test('stay in their tab where there is no BroadcastChannel, or it does not open', () => {
    const broken = class {
      constructor() {
        throw new DOMException('denied', 'SecurityError');
      }
    };
    for (const channel of [undefined, broken]) {
      vi.stubGlobal('BroadcastChannel', channel);
      const events = pageEvents(name);
      const here = listen(events.subscribe);
      events.tell(signedIn);
      expect(here.events).toEqual([{ ...signedIn, elsewhere: false }]);
    }
  });
});
