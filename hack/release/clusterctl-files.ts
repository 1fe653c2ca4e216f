/** What clusterctl reads of a release of an infrastructure provider. */
import { glob, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { stringify } from 'yaml';
import { installFile } from './install-file.ts';
import type { ReleaseOptions } from './options.ts';

/** The contract that clusterctl checks: one that the definitions are labelled with. */
const contract = 'v1beta2';

/** Texts by name. */
export async function clusterctlFiles(options: ReleaseOptions): Promise<Record<string, string>> {
  const templates: Record<string, string> = {};
  for await (const path of glob('examples/cluster-api/*.yaml')) {
    templates[basename(path)] = await readFile(path, 'utf8');
  }
  return {
    'infrastructure-components.yaml': await installFile(options, 'kustomize/overlays/cluster-api'),
    'metadata.yaml': metadata(options.version),
    ...templates,
  };
}

/** Of which series of releases serves which contract. */
export function metadata(version: string): string {
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  return stringify({
    apiVersion: 'clusterctl.cluster.x-k8s.io/v1alpha3',
    kind: 'Metadata',
    releaseSeries: [{ major: Number(major), minor: Number(minor), contract }],
  });
}
