import { registerHooks } from 'node:module';

/** The client's `KubeConfig` imports 700 models through this one; it uses these parts of it. */
const everything = /\/@kubernetes\/client-node\/dist\/gen\/index\.js$/;
const parts = ['./configuration.js', './servers.js', './http/http.js'];

/**
 * `KubeConfig` of the official client, without its models: they take 0.3 s and 50 MB. A version of the
 * package that needs more of them fails to load here, which every test with a kubeconfig shows.
 */
export async function importKubeConfig() {
  const hooks = registerHooks({
    load: (url, context, nextLoad) => {
      if (!everything.test(url)) return nextLoad(url, context);
      const source = parts.map((part) => `export * from '${part}';`).join('\n');
      return { format: 'module', source, shortCircuit: true };
    },
  });
  try {
    return await import('@kubernetes/client-node/dist/config.js');
  } finally {
    hooks.deregister();
  }
}
