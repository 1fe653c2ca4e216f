/** The behaviour of an API server, by subject. One file, so that one real control plane is enough. */
// Each registers its tests as it is loaded.
/* oxlint-disable import/no-unassigned-import */
import './approvals.ts';
import './built-in-kinds.ts';
import './custom-resources/definitions.ts';
import './custom-resources/objects.ts';
import './custom-resources/validation.ts';
import './deletion.ts';
import './differences.ts';
import './discovery.ts';
import './evictions.ts';
import './garbage.ts';
import './lists.ts';
import './objects.ts';
import './patch.ts';
import './updates.ts';
import './watches.ts';
