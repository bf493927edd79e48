// Options that a call does not know are refused: a misspelt one must not silently do nothing.
import { ParameterError } from '../errors.ts';
import { suggest } from './suggest.ts';

/** Throws for a key of `options` that is not among `known`, and for options that are no object. */
export function refuseUnknown(call: string, options: object | undefined, known: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new ParameterError(`Expected an object of options for ${call} but received ${JSON.stringify(options)}.`, {
      call,
    });
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const near = suggest(key, known);
    throw new ParameterError(
      `Unknown option "${key}" of ${call}.${near === null ? '' : ` Did you mean "${near}"?`} Options: ${known.join(', ')}.`,
      { call, option: key },
    );
  }
}
