import type { IncomingMessage } from 'node:http';
import type { Answer } from '../answer.ts';
import { json, pageNotFound, plain } from '../answer.ts';
import { mediaTypeOf, parseObject } from '../body.ts';
import { compareVersions } from '../crd/definition.ts';
import type { Registry } from '../registry.ts';
import { splitOnce } from '../request.ts';
import { unknownResource } from '../status.ts';
import type { Resource } from '../rest/operation.ts';
import { openApiV2Accepted, openApiV2Document, openApiV2Type } from './openapi-v2.ts';
import { openApiDocument, openApiIndex } from './openapi.ts';
import { apiResourcesOf, discoveryOf } from './resource-list.ts';
import { version } from './version.ts';

/** Everything that is not a resource: what the server has, what it is, and whether it is well. */
export class Discovery {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  async handle(request: IncomingMessage, body: Buffer): Promise<Answer> {
    const [path] = splitOnce(request.url ?? '/', '?');
    if (path === accessReviews && request.method === 'POST') {
      const review = await parseObject(body, mediaTypeOf(request.headers['content-type']));
      return json(201, {
        ...review,
        status: { allowed: true, reason: 'everyone may do anything' },
      });
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return pageNotFound;
    const isAggregated = (request.headers.accept ?? '').includes('as=APIGroupDiscoveryList');
    switch (path) {
      case '/healthz':
      case '/livez':
      case '/readyz':
        return plain(200, 'ok');
      case '/version':
        return json(200, version);
      case '/api':
        return isAggregated ? aggregated(this.#groups(true)) : json(200, coreVersions(request));
      case '/apis':
        return isAggregated ? aggregated(this.#groups(false)) : json(200, this.#groupList());
      case '/openapi/v3':
        return json(200, openApiIndex(this.#groupVersions()));
      case '/openapi/v2':
        return this.#openApiV2(request);
      default:
        return this.#handleGroup(path);
    }
  }

  #openApiV2({ headers }: IncomingMessage): Answer {
    if (!(headers.accept ?? '').includes(openApiV2Accepted)) return pageNotFound;
    const text = openApiV2Document([...this.#registry.all()]);
    return { kind: 'text', code: 200, contentType: openApiV2Type, text };
  }

  /** `/api/v1`, `/apis/GROUP`, `/apis/GROUP/VERSION`, `/openapi/v3/…`. */
  async #handleGroup(path: string): Promise<Answer> {
    const openApi = /^\/openapi\/v3\/(apis?\/.+)$/.exec(path)?.[1];
    const [, root = '', ...rest] = (openApi === undefined ? path : `/${openApi}`).split('/');
    const group = root === 'api' ? '' : (rest.shift() ?? '');
    const [versionName = ''] = rest;
    if ((root !== 'api' && root !== 'apis') || rest.length > 1) return pageNotFound;
    if (versionName === '') {
      const found = this.#groups(false).find((candidate) => candidate.name === group);
      return found
        ? json(200, { kind: 'APIGroup', apiVersion: 'v1', ...legacyGroup(found) })
        : pageNotFound;
    }
    const resources = this.#resourcesOf(group, versionName);
    if (resources.length === 0) {
      if (this.#registry.isBuiltIn(group)) throw unknownResource();
      return pageNotFound;
    }
    if (openApi !== undefined)
      return json(200, await openApiDocument(resources, group, versionName));
    return json(200, {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: group === '' ? versionName : `${group}/${versionName}`,
      resources: resources.flatMap(({ definition }) =>
        definition.versions
          .filter(({ name }) => name === versionName)
          .flatMap((found) => apiResourcesOf(definition, found)),
      ),
    });
  }

  #resourcesOf(group: string, versionName: string): Resource[] {
    return [...this.#registry.all()].filter(
      ({ definition }) =>
        definition.group === group &&
        definition.versions.some(({ name, served }) => served && name === versionName),
    );
  }

  /** Groups with their served versions, the preferred first. */
  #groups(isCore: boolean): Group[] {
    const groups = new Map<string, Group>();
    for (const { definition } of this.#registry.all()) {
      const { group: name } = definition;
      if ((name === '') !== isCore) continue;
      const group = groups.get(name) ?? { name, versions: new Map() };
      groups.set(name, group);
      for (const served of definition.versions.filter((candidate) => candidate.served)) {
        const entries = group.versions.get(served.name) ?? [];
        group.versions.set(served.name, [...entries, discoveryOf(definition, served)]);
      }
    }
    for (const group of groups.values()) {
      group.versions = new Map(
        [...group.versions].toSorted(([left], [right]) => compareVersions(left, right)),
      );
    }
    return [...groups.values()];
  }

  #groupVersions(): string[] {
    const core = this.#groups(true).flatMap(({ versions }) => [...versions.keys()]);
    const others = this.#groups(false).flatMap(({ name, versions }) =>
      [...versions.keys()].map((versionName) => `apis/${name}/${versionName}`),
    );
    return [...core.map((versionName) => `api/${versionName}`), ...others];
  }

  #groupList(): object {
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: this.#groups(false).map(legacyGroup) };
  }
}

const accessReviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

interface Group {
  name: string;
  /** Version → entries of aggregated discovery. */
  versions: Map<string, object[]>;
}

function legacyGroup({ name, versions }: Group): object {
  const list = [...versions.keys()].map((versionName) => ({
    groupVersion: `${name}/${versionName}`,
    version: versionName,
  }));
  return { name, versions: list, preferredVersion: list[0] };
}

function coreVersions({ headers }: IncomingMessage): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: headers.host ?? '' }],
  };
}

function aggregated(groups: Group[]): Answer {
  const items = groups.map(({ name, versions }) => ({
    metadata: { creationTimestamp: null, ...(name !== '' && { name }) },
    versions: [...versions].map(([versionName, resources]) => ({
      version: versionName,
      resources,
      freshness: 'Current',
    })),
  }));
  const value = {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items,
  };
  const contentType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  return { kind: 'text', code: 200, contentType, text: JSON.stringify(value) };
}
