// What the process that runs a section tells the one that keeps the report.
import type { Outcome, SectionName, VerifySettings } from './check.ts';
import type { VerifiedEngine } from './report.ts';

/** What to run: a section's checks behind the first `skip`, or only a look at the engine. */
export interface Assignment {
  readonly section: SectionName | 'engine';
  readonly settings: VerifySettings;
  readonly skip: number;
}

export type VerifyEvent =
  | { readonly type: 'engine'; readonly engine: VerifiedEngine }
  | {
      readonly type: 'begin';
      readonly index: number;
      readonly group: string;
      readonly name: string;
      readonly limitMs: number;
    }
  | { readonly type: 'end'; readonly index: number; readonly outcome: Outcome; readonly ms: number }
  | { readonly type: 'done' };
