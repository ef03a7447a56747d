import type { Context } from 'hono';

const noBindings = {};

/**
 * Makes options from the bindings of a request, and checks them: once for each `env` object, of which a Worker has one for
 * each isolate. Wrong ones are made and refused again with every request.
 */
export function optionsFrom<Options>(
  configure: (env: object) => Options,
  check: (options: Options) => void,
): (c: Context) => Options {
  const known = new WeakMap<object, { readonly options: Options }>();
  return (c) => {
    const env: object = c.env ?? noBindings;
    const found = known.get(env);
    if (found !== undefined) return found.options;
    const options = configure(env);
    check(options);
    known.set(env, { options });
    return options;
  };
}
