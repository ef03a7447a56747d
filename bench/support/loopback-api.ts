import type { TestProject } from 'vitest/node';
import { startHttpServer } from '../../scripts/local/http-server.ts';

/** Starts the API for all benchmarks of a run, which `inject` it; resolves with what ends it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const headers = {
    'Content-Type': 'application/json',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Headers': 'authorization',
    // so that one preflight serves the whole run
    'Access-Control-Max-Age': '7200',
  };
  const http = await startHttpServer({}, (_request, response) => response.writeHead(200, headers).end('{"ok":true}'));
  project.provide('apiUrl', http.url);
  return http.close;
}
