// The test suites of a checkout, on the GPU: what `npm test` runs on the host stand-in (tests/device-suites.json).
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Check, failed, notRun, type Outcome, passed, type VerifySettings } from './check.ts';
import { engineFacts } from './engine-facts.ts';

const LIMIT_MS = 3_600_000;
/** Failures of a file that are shown. */
const SHOWN = 5;

/** The folder of the sources, or of the package. */
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

interface Results {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

function outcomeOf({ testResults }: Results): Outcome {
  const tests = testResults.flatMap((f) => f.assertionResults);
  const wrong = tests.filter((t) => t.status === 'failed');
  const broken = testResults.filter((f) => f.message !== '' && f.assertionResults.length === 0);
  const first = wrong.slice(0, SHOWN).map((t) => `${t.fullName}: ${t.failureMessages[0]?.split('\n')[0] ?? ''}`);
  if (wrong.length + broken.length > 0)
    return failed(
      [`${wrong.length} of ${tests.length} tests failed`, ...first, ...broken.map((f) => f.message)].join('\n'),
    );
  const ran = tests.filter((t) => t.status === 'passed').length;
  const skipped = tests.length - ran;
  if (ran === 0) return notRun('every test of the file was skipped');
  return passed(`${ran} tests${skipped === 0 ? '' : `, ${skipped} skipped`}`);
}

async function runSuite(vitest: string, filter: string, backend: string): Promise<Outcome> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-suites-'));
  const file = path.join(folder, 'results.json');
  try {
    const child = spawn(process.execPath, [vitest, 'run', filter, '--reporter=json', `--outputFile=${file}`], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TEST_BACKENDS: backend },
    });
    let text = '';
    const take = (part: Buffer): void => {
      text = `${text}${part.toString()}`.slice(-2000);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (!fs.existsSync(file)) return failed(`vitest ended with code ${String(code)}: ${text}`);
    return outcomeOf(JSON.parse(fs.readFileSync(file, 'utf8')) as Results);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

export async function* suiteChecks({ named }: VerifySettings): AsyncGenerator<Check> {
  const group = 'test suites';
  const list = path.join(root, 'tests/device-suites.json');
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const { host, label, reason } = await engineFacts();
  const why = !fs.existsSync(list)
    ? 'the tests are not in the package: run it in a checkout'
    : !fs.existsSync(vitest)
      ? 'the development dependencies are not installed (npm ci)'
      : label === null || reason !== null
        ? (reason ?? 'there is no GPU')
        : host && !named.includes('suites')
          ? 'npm test runs them on host-cudf; --only suites does here'
          : null;
  if (why !== null) {
    yield { group, name: 'all', run: () => notRun(why) };
    return;
  }
  const backend = host ? 'sim' : 'cuda';
  for (const filter of JSON.parse(fs.readFileSync(list, 'utf8')) as string[])
    yield { group, name: filter, limitMs: LIMIT_MS, run: () => runSuite(vitest, filter, backend) };
}
