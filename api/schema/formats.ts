/** String formats of our schemas that JSON Schema does not know; OpenAPI readers ignore them. */
import { Format } from 'typebox/format';
import { parseDuration } from '../duration.ts';
import { parseQuantity } from '../quantity.ts';

/** Go durations. Not called `duration`: JSON Schema means ISO 8601 by that. */
export const goDuration = 'go-duration';
/** Kubernetes quantities, not negative. */
export const quantity = 'quantity';

Format.Set(goDuration, (text) => succeeds(() => parseDuration(text) >= 0));
Format.Set(quantity, (text) => succeeds(() => parseQuantity(text) >= 0n));

function succeeds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false; // the caller says what it wants in its own words
  }
}
