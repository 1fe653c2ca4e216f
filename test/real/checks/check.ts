import type { ExecutionContext } from 'ava';
import type { Stage } from '../harness/stage.ts';

/** What a node must do, by title. */
export type Checks = Readonly<Record<string, (t: ExecutionContext, stage: Stage) => Promise<void>>>;
