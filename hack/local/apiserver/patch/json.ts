import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import { badRequest, StatusError } from '../status.ts';

/** RFC 6902. Throws 422 when an operation does not apply, as a failed `test` does. */
export async function applyJsonPatch(target: JsonObject, patch: unknown): Promise<JsonObject> {
  if (!Array.isArray(patch)) {
    throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  }
  const { default: library } = await import('fast-json-patch');
  try {
    const validate = true;
    const { newDocument } = library.applyPatch(target, patch, validate);
    if (isObject(newDocument)) return newDocument;
    throw new Error('the result is not an object');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // All that the real server says, whichever operation it was.
    const message = 'the server rejected our request due to an error in our request';
    throw new StatusError(422, 'Invalid', message, {});
  }
}
