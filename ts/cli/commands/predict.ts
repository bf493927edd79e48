// warpframe predict MODEL INPUT OUTPUT: batch prediction from file to file.
import { parseArgs } from 'node:util';
import { ParameterError } from '../../errors.ts';
import type { FileFormat } from '../../plan/nodes.ts';
import { countText, durationText } from '../../report/numbers.ts';
import type { Command } from '../main.ts';

const USAGE = 'warpframe predict MODEL INPUT OUTPUT';

export const predict: Command = {
  summary: 'predicts the rows of a file into another, in batches',
  usage: USAGE,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        as: { type: 'string' },
        probabilities: { type: 'string' },
        keep: { type: 'string' },
        'batch-size': { type: 'string' },
        'input-format': { type: 'string' },
        'output-format': { type: 'string' },
        delimiter: { type: 'string' },
      },
    });
    const [model, input, output] = positionals;
    if (model === undefined || input === undefined || output === undefined || positionals.length > 3)
      throw new ParameterError(
        `Expected a model, an input and an output but received ${positionals.length}. Usage: ${USAGE}`,
      );
    const { Predictor } = await import('../../predict/predictor.ts');
    const { formatOfFile, predictToFile } = await import('../../predict/predict-file.ts');
    const format = formatOption('--output-format', values['output-format'] ?? formatOfFile(output), output);
    const frame = await opened(
      input,
      formatOption('--input-format', values['input-format'] ?? formatOfFile(input), input),
      values.delimiter,
    );
    using predictor = await Predictor.load(model, batchOption(values['batch-size']));
    const stats = await predictToFile(predictor, frame, output, {
      format,
      ...(values.as === undefined ? {} : { as: values.as }),
      ...(values.probabilities === undefined ? {} : { probabilities: values.probabilities }),
      ...(values.keep === undefined ? {} : { keep: keepOption(values.keep) }),
    });
    const { latencyMs, throughputRowsPerSecond } = stats;
    const lines = [
      `${countText(stats.rows)} rows in ${countText(stats.batches)} ${stats.batches === 1 ? 'batch' : 'batches'} of at most ${countText(predictor.batchSize)}, ${durationText(stats.totalMs)} with reading and writing`,
      ...(latencyMs === null
        ? []
        : [
            `Latency per batch  p50 ${ms(latencyMs.p50)}  p95 ${ms(latencyMs.p95)}  p99 ${ms(latencyMs.p99)}  max ${ms(latencyMs.max)}`,
          ]),
      ...(throughputRowsPerSecond === null
        ? []
        : [`Throughput         ${countText(Math.round(throughputRowsPerSecond))} rows a second of predicting`]),
      `Wrote ${output}`,
      '',
    ];
    return lines.join('\n');
  },
};

const ms = (value: number): string => `${value.toFixed(2)} ms`;

function formatOption(option: string, given: string | null, file: string): FileFormat {
  if (given === 'parquet' || given === 'csv' || given === 'jsonl' || given === 'arrow') return given;
  throw new ParameterError(
    given === null
      ? `The ending of ${file} names no format. Say it with ${option} parquet, csv, jsonl or arrow.`
      : `The ${option} option must be parquet, csv, jsonl or arrow. Got "${given}".`,
  );
}

function batchOption(text: string | undefined): { batchSize?: number } {
  if (text === undefined) return {};
  const batchSize = Number(text);
  if (!/^\d+$/.test(text) || batchSize < 1)
    throw new ParameterError(`The --batch-size option must be a whole number from 1. Got "${text}".`);
  return { batchSize };
}

const keepOption = (text: string): 'all' | 'none' | readonly string[] =>
  text === 'all' || text === 'none' ? text : text.split(',').map((name) => name.trim());

async function opened(path: string, format: FileFormat, delimiter: string | undefined) {
  const { readArrow, readCsv, readJsonl, readParquet } = await import('../../frame/read.ts');
  switch (format) {
    case 'parquet':
      return readParquet(path);
    case 'csv':
      return readCsv(path, delimiter === undefined ? {} : { delimiter });
    case 'jsonl':
      return readJsonl(path);
    case 'arrow':
      return readArrow(path);
  }
}
