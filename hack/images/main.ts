/** `make images`: builds the images of this project with docker, podman or buildah. */
import { dnsSubdomain } from '#api/names.ts';
import { messageOf } from '#runtime/error-text.ts';
import { FlagError, matching, parseFlags, stringFlag, type Program } from '#runtime/flags.ts';
import { usage } from '#runtime/flags-usage.ts';
import { NodeError } from '#kubernetes/node/packages.ts';
import { buildImages } from './build.ts';
import { ToolError } from './tools.ts';

const flags = {
  base: stringFlag({
    default: '',
    help: "The base `image`, with Node.js 24 and npm; debian: made here from Debian's packages; empty: node:24-slim",
  }),
  prefix: stringFlag({
    default: 'docker.io/cluster-api-provider-kubemark',
    help: 'What stands before the images’ own names: a registry and a path in it',
  }),
  tag: stringFlag({
    default: 'dev',
    help: 'The `tag` of the images',
    check: matching(dnsSubdomain, 'a tag, e.g. "v0.1.0"'),
  }),
  save: stringFlag({ default: '', help: 'Write an archive of each image into this `folder`' }),
};

const program: Program<typeof flags> = {
  name: 'images',
  description: 'Builds the images controller, fault-proxy and hollow-node.',
  flags,
};

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  const options = parseFlags(program, process.argv.slice(2));
  if (options === 'help') process.stdout.write(usage(program));
  else {
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => stop.abort(new ToolError(`stopped by ${signal}`)));
    }
    await buildImages({ ...options, say, signal: stop.signal });
  }
} catch (error) {
  const isTheirs = error instanceof FlagError;
  const isTold = error instanceof ToolError || error instanceof NodeError;
  say(`images: ${messageOf(error)}`);
  if (!isTheirs && !isTold && error instanceof Error) say(error.stack ?? '');
  process.exitCode = isTheirs ? 2 : 1;
}
