/** Retrying does not help: somebody has to write it anew. `message` names every wrong field. */
export class FaultError extends Error {
  override readonly name = 'FaultError';
}
