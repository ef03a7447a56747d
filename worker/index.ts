import { Hono } from 'hono';
import { administration, maintain, tokenkeep } from 'tokenkeep/hono';
import { demoRoutes } from './demo-routes.ts';
import type { Env } from './env.ts';
import { requireSettings } from './require-settings.ts';
import { securityHeaders } from './security-headers.ts';
import { settingsOf } from './settings.ts';

const app = new Hono<{ Bindings: Env }>();

app.use(requireSettings);
app.use(securityHeaders);
app.route(
  '/',
  tokenkeep<{ Bindings: Env }>((env) => settingsOf(env).edge),
);
app.route(
  '/admin',
  administration<{ Bindings: Env }>((env) => settingsOf(env).administration),
);
app.route('/', demoRoutes);
app.get('*', async (c) => {
  const file = await c.env.ASSETS.fetch(c.req.raw);
  return new Response(file.body, file); // with headers that can be added to
});

const worker: ExportedHandler<Env> & { readonly fetch: typeof app.fetch } = {
  fetch: app.fetch,

  /** Runs by the crons of wrangler.toml. */
  async scheduled(_controller, env, context) {
    const report = await maintain(settingsOf(env).edge, { waitUntil: (work) => context.waitUntil(work) });
    console.log(JSON.stringify({ type: 'maintained', ...report }));
  },
};

export default worker;
