/** Retrying does not help: the user has to change the object. `message` names every wrong field. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
