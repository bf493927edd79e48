// What few queries need, by name: compiled when it is first used, because compiling text is most of a first answer.
import path from 'node:path';

const late = (file, ...names) => ({ file: `ts/backend/cpu/${file}`, names });

/** Modules with the names that others import of them. */
export const LATE = {
  arrow: late('scan/arrow/open-arrow.ts', 'openArrow'),
  csv: late('scan/csv/open-csv.ts', 'openCsv'),
  distinct: late('operators/distinct.ts', 'createDistinctOperator', 'createDistinctSink', 'distinctKeys'),
  encode: late('operators/encode-groups.ts', 'createEncodeGroups', 'encodesApart', 'plainRows'),
  expressions: late('expressions.ts', 'Program'),
  infer: late('scan/infer.ts', 'inferSchema'),
  join: late('operators/join.ts', 'createCrossJoin', 'createJoinBuild', 'createJoinProbe'),
  jsonl: late('scan/jsonl/open-jsonl.ts', 'openJsonl'),
  ml: late('ml/run-kernel.ts', 'runKernel'),
  nested: late('scan/parquet/nested-column.ts', 'NestedColumn'),
  parallel: late('parallel.ts', 'runShared', 'whereToCut'),
  placed: late('columns/placed-columns.ts', 'PlacedColumns'),
  prune: late('scan/parquet/prune-groups.ts', 'keptGroups', 'keptRows'),
  pruneFiles: late('scan/prune-files.ts', 'filesThatMayMatch'),
  re2: late('functions/re2.ts', 'RE2JS'),
  sink: late('operators/write.ts', 'createWriteSink'),
  sortRows: late('operators/sort-rows.ts', 'PackedRows'),
  spill: late(
    'spill/operators.ts',
    'createSpillingAggregate',
    'createSpillingChosen',
    'createSpillingJoin',
    'createSpillingSort',
    'partitioned',
    'SpillingCollect',
    'SpillingFirstRows',
  ),
  strftime: late(
    'functions/strftime.ts',
    'clockNanoseconds',
    'compileFormat',
    'dayNumber',
    'isoDatetime',
    'isoTime',
    'isReal',
  ),
  texts: late('functions/cast-text.ts', 'fromText', 'textOfValue', 'toText', 'withNulls'),
  topOfGroups: late('operators/top-of-groups.ts', 'createTopOfGroups'),
  window: late('operators/window.ts', 'createWindowSink'),
  windows: late('operators/window-stream.ts', 'createStreamingWindow'),
  write: late('write/formats.ts', 'writerOf'),
};

/**
 * Kernel modules of a first answer: of reading Parquet, group by and sort, and all that host code calls, which cannot
 * wait. The others are loaded together when one of them is asked for.
 */
export const FIRST_KERNELS = [
  'accumulate',
  'agg',
  'arrow',
  'codecs',
  'core',
  'hash',
  'parquet',
  'parquet-values',
  'sort',
  'strings',
  'text',
  'values',
];

/** The name of the late module that a static import means, if it means one. */
async function lateOf(context, source, importer, options) {
  if (!importer || options.kind === 'dynamic-import') return undefined;
  const found = await context.resolve(source, importer, { ...options, skipSelf: true });
  return Object.keys(LATE).find((name) => found?.id === path.resolve(LATE[name].file));
}

/** For the program of an engine thread: late modules are texts of their own, which its loader knows. */
export const latePieces = {
  name: 'late-pieces',
  async resolveId(source, importer, options) {
    const name = await lateOf(this, source, importer, options);
    return name ? { id: `late:${name}`, external: true } : null;
  },
};

/** For the package: names that are looked up at first use, since modules load asynchronously here (late.ts). */
export const lateStubs = {
  name: 'late-stubs',
  async resolveId(source, importer, options) {
    const name = await lateOf(this, source, importer, options);
    return name ? `\0late:${name}` : null;
  },
  load(id) {
    if (!id.startsWith('\0late:')) return null;
    const { file, names } = LATE[id.slice('\0late:'.length)];
    const [from, late] = [file, 'ts/backend/cpu/late.ts'].map((f) => JSON.stringify(path.resolve(f)));
    const stubs = names.map((name) => `export const ${name} = wanted(late, '${name}');`);
    return `import { lateModule, wanted } from ${late};\nconst late = lateModule(() => import(${from}));\n${stubs.join('\n')}`;
  },
};
