/** A headless Chromium for tests, spoken to over its DevTools protocol. */
import {
  spawn,
  type SpawnOptionsWithStdioTuple,
  type StdioNull,
  type StdioPipe,
} from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { ExecutionContext } from 'ava';

const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

/** Its file; `undefined`: this machine has none. */
export const chromium = names
  .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, name)))
  .find(isExecutable);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Page {
  /** The value of an expression in the page. */
  evaluate: (expression: string) => Promise<unknown>;
  /** What it looks like, as PNG. */
  screenshot: () => Promise<Buffer>;
}

const flags = [
  '--headless',
  '--no-sandbox', // tests may run as root
  '--disable-gpu',
  '--remote-debugging-port=0',
  '--window-size=1200,300',
];

/** Opens a page in a window of 1200 × 300 pixels, until the test ends. */
export async function openPage(t: ExecutionContext, url: string): Promise<Page> {
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'));
  const options: SpawnOptionsWithStdioTuple<StdioNull, StdioNull, StdioPipe> = {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  };
  const browser = spawn(
    chromium ?? '',
    [...flags, `--user-data-dir=${profile}`, 'about:blank'],
    options,
  );
  const ended = once(browser, 'exit');
  t.teardown(async () => {
    if (browser.pid === undefined) return; // it did not start
    process.kill(-browser.pid, 'SIGKILL'); // and the processes of its own
    await ended;
    await rm(profile, { recursive: true, maxRetries: 5 });
  });
  let output = '';
  const address = Promise.withResolvers<string>();
  browser.once('error', address.reject);
  browser.once('exit', () => address.reject(new Error(`the browser has ended: ${output}`)));
  browser.stderr.on('data', (chunk) => {
    output += String(chunk);
    const [, found] = /DevTools listening on ws:\/\/(\S+?)\//.exec(output) ?? [];
    if (found !== undefined) address.resolve(found);
  });
  const call = await attach(t, await address.promise);
  const loaded =
    'new Promise((resolve) => document.readyState === "complete" ? resolve() : addEventListener("load", resolve))';
  const evaluate = async (expression: string): Promise<unknown> => {
    const parameters = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = Object(await call('Runtime.evaluate', parameters));
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  };
  await call('Page.navigate', { url });
  await evaluate(loaded);
  return {
    evaluate,
    screenshot: async () => {
      const { data } = Object(await call('Page.captureScreenshot', { format: 'png' }));
      return Buffer.from(String(data), 'base64');
    },
  };
}

type Call = (method: string, parameters: object) => Promise<unknown>;

/** Speaks to the one page that is open. */
async function attach(t: ExecutionContext, host: string): Promise<Call> {
  const targets: unknown = await (await fetch(`http://${host}/json/list`)).json();
  const page = Array.isArray(targets) ? targets.find(({ type }) => type === 'page') : undefined;
  const socket = new WebSocket(String(Object(page).webSocketDebuggerUrl));
  t.teardown(() => socket.close());
  await once(socket, 'open');
  const waiting = new Map<number, (answer: unknown) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = Object(JSON.parse(String(data)));
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  let last = 0;
  return (method, params) => {
    const id = ++last;
    socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => waiting.set(id, resolve));
  };
}
