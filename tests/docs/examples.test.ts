// Every example of the documentation runs and prints what it says.
import { describe, expect, test } from 'vitest';
import { type Example, examplesOf, runExample, sources, writeOutputs } from '../support/doc-examples.ts';

const files = sources()
  .map((file) => ({ file, examples: examplesOf(file) }))
  .filter((f) => f.examples.length > 0);

if (process.env['UPDATE']) {
  test.each(files)('$file', async ({ file, examples }) => {
    const outputs: { example: Example; output: string }[] = [];
    const failed: string[] = [];
    for (const example of examples) {
      try {
        outputs.push({ example, output: await runExample(example) });
      } catch (error) {
        failed.push(`${file}:${example.line} ${String(error)}`);
      }
    }
    writeOutputs(file, outputs);
    expect(failed).toEqual([]);
  });
} else {
  describe.each(files)('$file', ({ examples }) => {
    test.each(examples)('line $line', async (example) => {
      const output = await runExample(example);
      expect(output).toBe(example.output ?? '');
      // An example that shows nothing shows nothing.
      expect(output).not.toBe('');
    });
  });
}
