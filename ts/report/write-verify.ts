// report.html of a verification. Its pictures need the optional package vega; everything else is there without it.
import { MissingDependencyError } from '../errors.ts';
import type { VerifyReport } from '../verify/report.ts';
import { type Draw, loadVega } from './chart.ts';
import { verifyPage } from './verify-page.ts';

/** Builds the page of a verification: no scripts, no requests, light and dark. */
export async function verifyHtml(report: VerifyReport): Promise<string> {
  let draw: Draw | null = null;
  try {
    draw = await loadVega();
  } catch (error) {
    if (!(error instanceof MissingDependencyError)) throw error;
  }
  return verifyPage(report, draw);
}
