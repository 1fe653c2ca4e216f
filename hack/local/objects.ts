/** Reads the objects that the user wants applied. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LineCounter, parseAllDocuments } from 'yaml';
import { isObject } from '#api/json.ts';
import type { KubernetesObject } from '#api/meta.ts';

/** A file cannot be used; `message` is one line that names it. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

export interface FileObject {
  object: KubernetesObject;
  /** `examples/a.yaml: Machine default/a`, for messages. */
  source: string;
}

/**
 * The objects of files and folders (their `.yaml`, `.yml` and `.json` files by name), in order.
 *
 * @throws FileError
 */
export async function readObjects(paths: readonly string[]): Promise<FileObject[]> {
  const files = await Promise.all(paths.map(filesOf));
  const objects = await Promise.all(files.flat().map(objectsOf));
  return objects.flat();
}

async function filesOf(path: string): Promise<string[]> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new FileError(
      error.code === 'ENOENT' ? `${path}: no such file or folder` : `${path}: ${error.message}`,
    );
  });
  if (!info.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => /\.(ya?ml|json)$/.test(name)).toSorted();
  if (names.length === 0) throw new FileError(`${path}: no .yaml, .yml or .json file in it`);
  return names.map((name) => join(path, name));
}

async function objectsOf(file: string): Promise<FileObject[]> {
  const text = await readFile(file, 'utf8');
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false });
  const objects: FileObject[] = [];
  for (const document of documents) {
    const [error] = document.errors;
    if (error !== undefined) {
      throw new FileError(`${file}:${lineCounter.linePos(error.pos[0]).line}: ${error.message}`);
    }
    const value: unknown = document.toJS();
    if (value === null || value === undefined) continue; // only comments
    const { line } = lineCounter.linePos(document.contents?.range?.[0] ?? 0);
    objects.push(...unpack(value).map((item) => checked(item, `${file}:${line}`, file)));
  }
  if (objects.length === 0) throw new FileError(`${file}: there is no object in it`);
  return objects;
}

/** `kind: List` holds others. */
function unpack(value: unknown): unknown[] {
  if (!isObject(value)) return [value];
  return value['kind'] === 'List' && Array.isArray(value['items']) ? value['items'] : [value];
}

function checked(value: unknown, where: string, file: string): FileObject {
  if (!isObject(value)) throw new FileError(`${where}: not a Kubernetes object`);
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== 'string' || apiVersion === '') {
    throw new FileError(`${where}: not a Kubernetes object: apiVersion is missing`);
  }
  if (typeof kind !== 'string' || kind === '') {
    throw new FileError(`${where}: not a Kubernetes object: kind is missing`);
  }
  const name = isObject(metadata) ? (metadata['name'] ?? metadata['generateName']) : undefined;
  if (!isObject(metadata) || typeof name !== 'string') {
    throw new FileError(`${where}: ${kind}: metadata.name is missing`);
  }
  const { namespace } = metadata;
  const place = typeof namespace === 'string' ? `${namespace}/` : '';
  return {
    object: { ...value, apiVersion, kind, metadata },
    source: `${file}: ${kind} ${place}${name}`,
  };
}
