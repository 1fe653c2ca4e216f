import type { ExecutionContext } from 'ava';
import { openBackend } from '#test/helpers/real/backend.ts';
import { Story } from '#test/helpers/story.ts';

/** On a real control plane, with nothing started; closed with the test. */
export async function openRealStory(t: ExecutionContext): Promise<Story> {
  const backend = await openBackend();
  const story = new Story(backend.clock, backend.cluster);
  t.teardown(async () => {
    await story.end();
    await backend.close();
  });
  return story;
}
