// Which class of two counts as positive, and which classes a list of scores is of.
import { ParameterError, TargetError } from '../../errors.ts';
import type { Label } from '../core/target.ts';
import { codeOfLabel, labelText } from './core/encode-labels.ts';

const listed = (classes: readonly Label[]): string => classes.map(labelText).join(', ');

/** The positive one of the usual pairs (0 and 1, −1 and 1, false and true), or null for other classes. */
function usualPositive(classes: readonly Label[]): Label | null {
  if (classes.length > 2) return null;
  if (classes.every((c) => typeof c === 'boolean')) return true;
  if (classes.some((c) => typeof c !== 'number' && typeof c !== 'bigint')) return null;
  const texts = classes.map(String);
  const within = (pair: readonly string[]): boolean => texts.every((t) => pair.includes(t));
  return within(['0', '1']) || within(['-1', '1']) ? 1 : null;
}

/**
 * The code of the positive class: the one asked for, 1 or true of the usual pairs, or with `later` the later of two. −1
 * when it does not occur in the rows.
 *
 * @throws {ERR_TARGET} more than two classes
 * @throws {ERR_PARAMETER} a class that is not there, or classes of which none is positive by custom
 */
export function positiveCode(
  call: string,
  classes: readonly Label[],
  posLabel: Label | undefined,
  later = false,
): number {
  if (posLabel !== undefined) {
    const code = codeOfLabel(classes, posLabel);
    if (code >= 0 || classes.length < 2) return code;
    throw new ParameterError(
      `The 'posLabel' option of ${call} must be one of the classes ${listed(classes)}. Got ${labelText(posLabel)}.`,
      { option: 'posLabel' },
    );
  }
  const usual = usualPositive(classes);
  if (usual !== null) return codeOfLabel(classes, usual);
  if (later && classes.length === 2) return 1;
  throw new ParameterError(
    `${call} cannot tell which of the classes ${listed(classes)} is the positive one. Give it with the 'posLabel' option.`,
    { option: 'posLabel' },
  );
}

/** Throws for more than two classes. */
export function checkTwoClasses(call: string, classes: readonly Label[], mend: string): void {
  if (classes.length <= 2) return;
  const some = classes.length > 10 ? `${classes.length} classes` : `the classes ${listed(classes)}`;
  throw new TargetError(`${call} needs two classes but the rows have ${some}. ${mend}`, { classes: classes.length });
}

/**
 * Codes by the classes that the scores are of. Without the option those are the classes of the rows.
 *
 * @throws {ERR_PARAMETER} as many classes as scores are not given, a class twice, or rows of another class
 */
export function classesOfScores(
  call: string,
  found: readonly Label[],
  yTrue: Int32Array,
  scores: number,
  option: readonly Label[] | undefined,
): { classes: readonly Label[]; yTrue: Int32Array } {
  const mend = `Give the classes of the scores, in their order, with the 'classes' option.`;
  if (option === undefined) {
    if (found.length === scores) return { classes: found, yTrue };
    throw new ParameterError(
      `${call} has scores for ${scores} classes but the rows have ${found.length}: ${listed(found.slice(0, 20))}. ${mend}`,
      { option: 'classes' },
    );
  }
  if (!Array.isArray(option) || option.length !== scores)
    throw new ParameterError(
      `The 'classes' option of ${call} must list the ${scores} classes of the scores. Got ${Array.isArray(option) ? option.length : String(option)}.`,
      { option: 'classes' },
    );
  const twice = option.find((c, i) => codeOfLabel(option, c) !== i);
  if (twice !== undefined)
    throw new ParameterError(`The 'classes' option of ${call} has ${labelText(twice)} twice.`, { option: 'classes' });
  const places = found.map((label) => {
    const place = codeOfLabel(option, label);
    if (place >= 0) return place;
    throw new ParameterError(
      `The rows of ${call} have the class ${labelText(label)}, which is not in the 'classes' option: ${listed(option)}.`,
      { option: 'classes' },
    );
  });
  return { classes: option, yTrue: places.every((p, i) => p === i) ? yTrue : yTrue.map((c) => places[c] as number) };
}
