// report.html: one page without requests, light and dark.
import { loadVega } from './chart.ts';
import { reportPage } from './page.ts';
import type { ReportData } from './report-data.ts';

/**
 * Builds the report as one self-contained HTML page: no scripts, no requests, light and dark, readable on a phone.
 *
 * @throws {ERR_MISSING_DEPENDENCY} the optional package vega is not installed
 */
export async function reportHtml(data: ReportData): Promise<string> {
  return reportPage(data, await loadVega());
}
