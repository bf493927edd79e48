// Boosted models as XGBoost's own files.
import { type Fitted, labelsToJson } from '../core/fitted.ts';
import { writeWhole } from '../core/write-whole.ts';
import type { Booster } from './booster.ts';

/** What XGBoost's file has no place for, as one of its attributes: the features' dtypes and the labels. */
export const ATTRIBUTE = 'warpframe';

/** Writes `.json` and `.ubj` in XGBoost's form; everything else is `otherwise`'s. The file is complete or not there. */
export async function saveBooster(
  booster: Booster,
  path: string,
  fitted: Fitted,
  otherwise: () => Promise<void>,
): Promise<void> {
  const { estimator, params, memory, targetName, classes } = fitted;
  const own = {
    estimator,
    params,
    memory,
    targetName,
    ...(classes ? { classes: { field: classes.field, labels: labelsToJson(classes.labels) } } : {}),
  };
  const bytes = booster.fileFor(path, { [ATTRIBUTE]: JSON.stringify(own) });
  if (bytes === null) return otherwise();
  await writeWhole(path, bytes);
}
