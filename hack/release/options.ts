import { matching, parseFlags, stringFlag, type FlagValues, type Program } from '#runtime/flags.ts';

/** Semantic Versioning 2.0.0 with a `v`, as tags of Go projects and of Cluster API are; no build part. */
const version = String.raw`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`;

const digest = '^(sha256:[0-9a-f]{64})?$';
const isDigest = matching(digest, 'the digest of an image, "sha256:" and 64 hexadecimal digits');

const flags = {
  version: stringFlag({
    default: '',
    help: 'The `tag` of the images, e.g. v0.1.0',
    check: matching(version, 'a version, e.g. "v0.1.0" or "v0.1.0-rc.1"'),
  }),
  prefix: stringFlag({
    default: 'docker.io/cluster-api-provider-kubemark',
    help: 'Where the images are: the `beginning` of their names',
    check: matching(
      String.raw`^[a-z0-9]([-a-z0-9.:]*[a-z0-9])?(/[a-z0-9]([-a-z0-9._]*[a-z0-9])?)*$`,
      'the beginning of an image name, e.g. "registry.example.com/kubemark"',
    ),
  }),
  'controller-digest': stringFlag({
    default: '',
    help: 'Pins the image of the manager: `sha256:…`',
    check: isDigest,
  }),
  'hollow-node-digest': stringFlag({
    default: '',
    help: 'Pins the image of hollow nodes: `sha256:…`',
    check: isDigest,
  }),
  'fault-proxy-digest': stringFlag({
    default: '',
    help: 'Pins the image of fault proxies: `sha256:…`',
    check: isDigest,
  }),
};

export const program: Program<typeof flags> = {
  name: 'release-manifests',
  description:
    'Writes dist/: install.yaml, which installs one release, what clusterctl reads, and checksums.',
  flags,
};

export type ReleaseOptions = FlagValues<typeof flags>;

/** @throws FlagError */
export function parseOptions(args: readonly string[]): ReleaseOptions | 'help' {
  // A version must be given: what is not said is checked as if it were empty.
  const hasVersion = args.some((argument) => /^--version(=|$)|^(--help|-h)$/.test(argument));
  return parseFlags(program, hasVersion ? args : ['--version=', ...args]);
}
