import { runTool } from './run-tool.ts';

/** Builds the library into dist and, on top of it, the page into web-demo/dist. */
export async function buildPage(root: string): Promise<void> {
  await runTool(root, 'tsc', ['-p', 'tsconfig.build.json']);
  await runTool(root, 'vite', ['build', 'web-demo', '--logLevel', 'warn']);
}
