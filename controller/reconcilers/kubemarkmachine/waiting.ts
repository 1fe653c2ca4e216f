/** A machine cannot go on now: its Ready condition says why, and nothing is logged as an error. */
export class Waiting extends Error {
  override readonly name = 'Waiting';
  /** A word for programs: the condition's reason. */
  readonly reason: string;
  /** Milliseconds; absent: a watch brings the machine back. */
  readonly retryAfter: number | undefined;
  /** Beyond repair: contract v1beta1 has fields for that. */
  readonly isFinal: boolean;

  constructor(reason: string, message: string, retryAfter?: number, { isFinal = false } = {}) {
    super(message);
    this.reason = reason;
    this.retryAfter = retryAfter;
    this.isFinal = isFinal;
  }
}
