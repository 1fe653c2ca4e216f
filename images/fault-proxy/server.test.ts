/** How kubelets and API servers talk to the proxy. */
import test, { type ExecutionContext } from 'ava';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { request as plainRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type ClientHttp2Stream } from 'node:http2';
import { createServer, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { plainConfig, type ClusterConfig } from '#runtime/client/cluster-config.ts';
import { loadKubeConfig } from '#runtime/client/kube-config.ts';
import { sendJson, sendStatus, startPeer } from '#runtime/testing/http-peer.ts';
import type { Fault } from '#api/faults/decode.ts';
import { silentLogger } from '#runtime/log.ts';
import { startApiServer } from '#test/helpers/api-server.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { startFaultProxy, type FaultProxyOptions } from './fault-proxy.ts';

async function start(
  t: ExecutionContext,
  config: ClusterConfig,
  options: Partial<FaultProxyOptions> = {},
) {
  const controller = new AbortController();
  const proxy = await startFaultProxy({
    host: '127.0.0.1',
    port: 0,
    nodeName: 'n1',
    faultsOf: () => [],
    config,
    clock: new FakeClock(),
    log: silentLogger,
    signal: controller.signal,
    ...options,
  });
  t.teardown(async () => {
    controller.abort();
    await proxy.ended;
  });
  return proxy;
}

/** A key for tests, of nobody: `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes`. */
const readTls = async () => ({
  cert: await readFile(new URL('testdata/cert.pem', import.meta.url)),
  key: await readFile(new URL('testdata/key.pem', import.meta.url)),
});

async function textOf(stream: ClientHttp2Stream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

test('with a certificate it speaks HTTP/2 and HTTP/1.1', async (t) => {
  const { url } = await startApiServer(t);
  const tls = await readTls();
  const proxy = await start(t, plainConfig(url), { tls });
  const session = connect(proxy.url, { ca: tls.cert });
  t.teardown(() => session.destroy());
  const namespaces = session.request({ ':path': '/api/v1/namespaces' });
  t.regex(await textOf(namespaces), /"NamespaceList"/);
  const post = session.request({
    ':path': '/api/v1/nodes',
    ':method': 'POST',
    'content-type': 'application/json',
  });
  post.end(JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }));
  t.regex(await textOf(post), /"uid"/);
  const watch = session.request({ ':path': '/api/v1/nodes?watch=true&resourceVersion=0' });
  const [event] = await once(watch, 'data');
  t.regex(String(event), /"ADDED"/);

  const request = get(`${proxy.url}/version`, { ca: tls.cert });
  const [response] = await once(request, 'response');
  t.is(response.statusCode, 200);
  response.resume();
});

test('an unreachable node loses its HTTP/2 connection', async (t) => {
  const { url } = await startApiServer(t);
  const tls = await readTls();
  const clock = new FakeClock();
  const faults: Fault[] = [{ type: 'Unreachable', after: 5000 }];
  const proxy = await start(t, plainConfig(url), { tls, clock, faultsOf: () => faults });
  const session = connect(proxy.url, { ca: tls.cert });
  session.on('error', () => {}); // its end is what counts
  const watch = session.request({ ':path': '/api/v1/pods?watch=true&resourceVersion=0' });
  watch.on('error', () => {});
  await once(watch, 'response');
  const closed = once(session, 'close');
  await clock.advance(5000);
  await closed;
  t.true(session.destroyed);
});

test('a token that was rotated is taken up at once, and the kubelet’s own is not passed on', async (t) => {
  let token = 'old';
  const peer = await startPeer(t, (response, { headers }) => {
    if (headers.authorization === `Bearer ${token}`) sendJson(response, { kind: 'Fine' });
    else sendStatus(response, 401, 'Unauthorized');
  });
  const config: ClusterConfig = {
    server: peer.url,
    namespace: '',
    credentials: () => Promise.resolve({ headers: { authorization: `Bearer ${token}` }, tls: {} }),
  };
  const proxy = await start(t, config);
  const ask = () => fetch(`${proxy.url}/version`, { headers: { authorization: 'Bearer kubelet' } });
  t.is((await ask()).status, 200);
  token = 'new';
  t.is((await ask()).status, 200);
});

/** An API server that answers with the name in the client's certificate, and begins watches. */
async function startIdentifyingPeer(t: ExecutionContext) {
  const tls = await readTls();
  const watches: ServerResponse[] = [];
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false });
  server.on('request', ({ socket, url = '' }: IncomingMessage, response: ServerResponse) => {
    if (url.includes('watch=')) {
      watches.push(response);
      return response.write('begun\n');
    }
    const isTls = socket instanceof TLSSocket;
    return response.end(isTls ? socket.getPeerCertificate().subject.CN : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close().closeAllConnections());
  return { url: `https://127.0.0.1:${Object(server.address()).port}`, watches };
}

/** Of a kubelet: its key pair is a file that changes. */
function kubeletKubeconfig(server: string, ca: Buffer, pair: string): string {
  const cluster = { server, 'certificate-authority-data': ca.toString('base64') };
  return JSON.stringify({
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    clusters: [{ name: 'a', cluster }],
    users: [{ name: 'a', user: { 'client-certificate': pair, 'client-key': pair } }],
  });
}

test('a key pair that a kubelet renews is used for what comes after; a watch under way goes on', async (t) => {
  const { url, watches } = await startIdentifyingPeer(t);
  const { cert, key } = await readTls();
  const folder = await mkdtemp(join(tmpdir(), 'rotation-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const pair = join(folder, 'kubelet-client-current.pem');
  await writeFile(pair, Buffer.concat([cert, key]));
  const path = join(folder, 'kubeconfig');
  await writeFile(path, kubeletKubeconfig(url, cert, pair));
  const clock = new FakeClock();
  const proxy = await start(t, await loadKubeConfig({ path }), { clock });
  const ask = async () => (await fetch(`${proxy.url}/version`)).text();
  t.is(await ask(), 'localhost');
  const { body } = await fetch(`${proxy.url}/api/v1/pods?watch=true`);
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  t.is((await reader?.read())?.value, 'begun\n');

  // As a kubelet does it: another file, and then the name.
  const renewed = fileURLToPath(new URL('testdata/kubelet-client.pem', import.meta.url));
  await symlink(renewed, `${pair}.tmp`);
  await rename(`${pair}.tmp`, pair);
  await clock.advance(10_000);
  t.is(await ask(), 'system:node:n1');
  for (const watch of watches) watch.end('gone on\n');
  t.is((await reader?.read())?.value, 'gone on\n');
});

test('bodies pass as they are: protobuf, compressed, of any method', async (t) => {
  const peer = await startPeer(t, (response, { headers, method }) => {
    const body = Buffer.from(String(headers['content-type']));
    response.writeHead(200, {
      'content-type': 'application/vnd.kubernetes.protobuf',
      'content-length': body.length,
      'x-method': method,
    });
    response.end(body);
  });
  const proxy = await start(t, plainConfig(peer.url));
  for (const method of ['PUT', 'DELETE', 'POST']) {
    const body = Buffer.from([0x6b, 0x38, 0x73, 0, 255]);
    const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' };
    const answer = await fetch(`${proxy.url}/api/v1/pods?a=b`, { method, body, headers });
    t.is(answer.headers.get('x-method'), method);
    t.is(answer.headers.get('content-type'), headers['content-type']);
    t.is(answer.headers.get('content-length'), String(headers['content-type'].length));
    t.is(await answer.text(), headers['content-type']);
    const received = peer.requests.findLast((request) => request.method === method);
    t.is(received?.url.search, '?a=b');
    t.is(received?.body, body.toString());
  }
});

test('what a kubelet does not ask is passed on too: methods, targets, bodies that are announced', async (t) => {
  const peer = await startPeer(t, (response, { method, url, body, headers }) => {
    response.end(`${method} ${url.pathname} ${body.length} ${String(headers['expect'])}`);
  });
  const proxy = await start(t, plainConfig(peer.url));
  const { port } = new URL(proxy.url);
  const ask = async (method: string, path: string, headers = {}, body = ''): Promise<string> => {
    const request = plainRequest({ port, method, path, headers });
    request.on('continue', () => request.end(body));
    if (body === '') request.end();
    else request.flushHeaders();
    const [response] = await once(request, 'response');
    return (await response.toArray()).join('');
  };
  t.is(await ask('PROPFIND', '/version'), 'PROPFIND /version 0 undefined');
  t.is(await ask('GET', '/a//b'), 'GET /a//b 0 undefined');
  const expect = { expect: '100-continue', 'content-length': 5 };
  t.is(await ask('POST', '/a', expect, 'large'), 'POST /a 5 undefined');
});

test('an API server that is not there is a broken connection, and nothing more', async (t) => {
  const proxy = await start(t, plainConfig('http://127.0.0.1:1'));
  await t.throwsAsync(fetch(`${proxy.url}/version`));
  await t.throwsAsync(fetch(`${proxy.url}/version`));
});
