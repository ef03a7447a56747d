import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { rotationFigures } from '../support/rotation-figures.ts';

test('rotation in D1', async ({ task }) => {
  const backend = d1Backend(env.DB);
  task.meta.figures = [...(await rotationFigures('D1', backend, 500))];
  expect((await backend.keyUse()).length).toBe(1);
});
