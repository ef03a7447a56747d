import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Run before the compiler, which never deletes: a file of dist/ whose source is gone would be published.
const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
for (const name of existsSync(dist) ? readdirSync(dist, { recursive: true, encoding: 'utf8' }) : []) {
  const source = name.replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
  if (source !== name && !existsSync(join(root, 'src', source))) rmSync(join(dist, name));
}
