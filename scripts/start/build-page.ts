import { runTool } from './run-tool.ts';

/** Builds the library into dist and, on top of it, the page into web-demo/dist: one command does both. */
export async function buildPage(root: string, signal?: AbortSignal): Promise<void> {
  await runTool(root, 'npm', ['run', '--silent', 'build'], signal);
}
