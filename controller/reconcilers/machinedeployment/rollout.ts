/** What a plan knows of one MachineSet. */
export interface SetState {
  readonly name: string;
  /** `spec.replicas` */
  readonly desired: number;
  /** `status.replicas`: Machines that are there and not being deleted. */
  readonly current: number;
  /** `status.availableReplicas` */
  readonly available: number;
  /** Whether the status tells of the present spec. */
  readonly isObserved: boolean;
  /** What was asked of all sets together when this one was scaled last; absent: never scaled. */
  readonly scaledFor?: { readonly replicas: number; readonly most: number };
}

/** A rollout as it stands. */
export interface Rollout {
  readonly strategy: 'RollingUpdate' | 'OnDelete';
  readonly isPaused: boolean;
  /** How many Machines all sets together should have. */
  readonly replicas: number;
  /** How many more there may be meanwhile. */
  readonly maxSurge: number;
  /** How many fewer may be available meanwhile. */
  readonly maxUnavailable: number;
  /** The set of the present template; absent: there is none while a new template is paused. */
  readonly newSet?: SetState;
  /** All others, the oldest first. */
  readonly oldSets: readonly SetState[];
}

/** How many Machines a set should have from now on, and why. */
export interface Scaling {
  readonly set: SetState;
  readonly to: number;
  readonly because: string;
}

/** The new set last. */
export function allSets({ oldSets, newSet }: Rollout): SetState[] {
  return newSet === undefined ? [...oldSets] : [...oldSets, newSet];
}

export function isActive({ desired }: SetState): boolean {
  return desired > 0;
}

/** Machines that a set has, or will have in a moment. */
export function existingIn({ desired, current }: SetState): number {
  return Math.max(desired, current);
}

/** Available Machines that stay when the set has got rid of those that are too many. */
export function availableIn({ desired, available }: SetState): number {
  return Math.min(desired, available);
}

export function sumOf(sets: readonly SetState[], count: (set: SetState) => number): number {
  return sets.reduce((sum, set) => sum + count(set), 0);
}
