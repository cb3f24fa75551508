import type { VerifyContext } from './types.js';

/** Something that several checks ask for, made at the first call and kept for this verification. */
export function perContext<T>(
  make: (context: VerifyContext) => Promise<T>,
): (context: VerifyContext) => Promise<T> {
  const made = new WeakMap<VerifyContext, Promise<T>>();
  return (context) => {
    const known = made.get(context) ?? make(context);
    made.set(context, known);
    return known;
  };
}
