// Writes native/exec/case_table.cc: Unicode's simple case mappings as the CPU engine has them (one code point to one,
// ts/backend/cpu/functions/string.ts), in runs. A test compares the table with the running Node.
// Usage: node scripts/generate-case-table.mjs
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const IOTA_SUBSCRIPT = (c) =>
  (c >= 0x1f80 && c <= 0x1f87) ||
  (c >= 0x1f90 && c <= 0x1f97) ||
  (c >= 0x1fa0 && c <= 0x1fa7) ||
  c === 0x1fb3 ||
  c === 0x1fc3 ||
  c === 0x1ff3;

/** The simple mapping of a code point; itself where it has none. */
export function simpleCase(code, upper) {
  const text = String.fromCodePoint(code);
  const mapped = [...(upper ? text.toUpperCase() : text.toLowerCase())];
  if (upper && IOTA_SUBSCRIPT(code)) return code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3 ? code + 9 : code + 8;
  if (!upper && code === 0x130) return 0x69;
  return mapped.length === 1 ? mapped[0].codePointAt(0) : code;
}

/** [first, count, step, shift]: `count` code points from `first`, `step` apart, each mapped to itself plus `shift`. */
export function caseRuns(upper) {
  const runs = [];
  for (let code = 0; code < 0x110000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const shift = simpleCase(code, upper) - code;
    if (shift === 0) continue;
    const last = runs.at(-1);
    if (last && last[3] === shift) {
      const gap = code - (last[0] + (last[1] - 1) * last[2]);
      if (last[1] === 1 && gap <= 2) {
        last[1]++;
        last[2] = gap;
        continue;
      }
      if (last[1] > 1 && gap === last[2]) {
        last[1]++;
        continue;
      }
    }
    runs.push([code, 1, 1, shift]);
  }
  return runs;
}

const hex = (n) => `0x${n.toString(16)}`;
function rows(runs) {
  const lines = [];
  let line = '   ';
  for (const [first, count, step, shift] of runs) {
    const item = ` {${hex(first)}, ${count}, ${step}, ${shift}},`;
    if (line.length + item.length > 118) {
      lines.push(line);
      line = '   ';
    }
    line += item;
  }
  return [...lines, line].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  fs.writeFileSync(
    fileURLToPath(new URL('../native/exec/case_table.cc', import.meta.url)),
    `// Made by scripts/generate-case-table.mjs of Unicode ${process.versions.unicode}.
#include "case_table.hh"

namespace warpframe::exec {

namespace {

constexpr CaseRun kUpper[] = {
${rows(caseRuns(true))}
};

constexpr CaseRun kLower[] = {
${rows(caseRuns(false))}
};

}  // namespace

std::span<const CaseRun> case_runs(bool upper) {
  if (upper) return kUpper;
  return kLower;
}

}  // namespace warpframe::exec
`,
  );
}
