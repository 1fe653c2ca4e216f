import { readFile } from 'node:fs/promises';

/** Whether a file operation failed because there is no such file. */
export function isNotFoundFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** The text in a file, or undefined while there is none. */
export async function readIfFound(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')) || undefined;
  } catch (error) {
    if (isNotFoundFile(error)) return undefined;
    throw error;
  }
}
