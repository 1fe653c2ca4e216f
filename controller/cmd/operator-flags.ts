/** Flags that the machine-api-operator gives to every controller, and which change nothing here. */
import { booleanFlag, mapFlag, type Flag } from '#runtime/flags.ts';

const truth = booleanFlag({ default: true, help: 'Log to standard error, always', hidden: true });

export function logToStderrFlag(): Flag<boolean> {
  const parse: typeof truth.parse = (text, previous) => {
    if (truth.parse(text, previous)) return true;
    throw new Error('want true: there are no log files');
  };
  return { ...truth, parse };
}

/** `name=bool,name=bool`. The gates are of other controllers' features. */
export function featureGatesFlag(): Flag<Readonly<Record<string, string>>> {
  const flag = mapFlag({ default: {}, help: 'Checked, without effect', hidden: true });
  const parse: typeof flag.parse = (text, previous) => {
    const gates = flag.parse(text, previous);
    for (const value of Object.values(gates)) truth.parse(value, undefined);
    return gates;
  };
  return { ...flag, parse };
}
