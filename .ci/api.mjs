// Compares the public types of every entry point with the reports in .ci/api, and fails if they
// differ; with --write it writes the reports anew. The entry points are those of package.json.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = join(root, '.ci/api');
const writes = process.argv[2] === '--write';
const scratch = mkdtempSync(join(tmpdir(), 'telepathine-api-'));
let failures = 0;

try {
  mkdirSync(reports, { recursive: true });
  const entries = entryPoints();
  for (const entry of entries) {
    if (!isCurrent(entry)) failures += 1;
  }
  const wanted = new Set(entries.map(({ name }) => `${name}.api.md`));
  for (const file of readdirSync(reports).filter((each) => !wanted.has(each))) {
    if (writes) rmSync(join(reports, file));
    else failures += 1;
    console.error(`.ci/api/${file} is the report of no entry point`);
  }
} finally {
  rmSync(scratch, { recursive: true });
}
if (failures > 0) {
  console.error('If the change of the public interface is meant: npm run api');
  process.exitCode = 1;
}

function entryPoints() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.entries(manifest.exports)
    .filter(([, target]) => target.types)
    .map(([path, { types }]) => ({
      name: `${manifest.name}${path.slice(1)}`.replaceAll('/', '-'),
      types,
      isMain: path === '.',
    }));
}

function isCurrent(entry) {
  const { name, types } = entry;
  const config = ExtractorConfig.prepare({
    configObject: configOf(entry),
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
  });
  const result = Extractor.invoke(config, { localBuild: writes, messageCallback: beQuiet });
  if (!result.succeeded && !result.apiReportChanged) return false;
  if (!result.apiReportChanged || writes) return true;
  const files = [join(reports, `${name}.api.md`), join(scratch, `${name}.api.md`)];
  spawnSync('diff', ['-u', ...files], { stdio: 'inherit' });
  console.error(`${types} is not what .ci/api/${name}.api.md says`);
  return false;
}

function configOf({ name, types, isMain }) {
  return {
    projectFolder: root,
    mainEntryPointFilePath: join(root, types),
    newlineKind: 'lf',
    compiler: { tsconfigFilePath: join(root, 'tsconfig.json') },
    apiReport: {
      enabled: true,
      // The base classes of the main one are part of the interface, though no entry point names them.
      includeForgottenExports: isMain,
      reportFileName: name,
      reportFolder: reports,
      reportTempFolder: scratch,
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      extractorMessageReporting: {
        default: { logLevel: 'warning', addToApiReportFile: true },
        // Everything that is exported and not @internal is public.
        'ae-missing-release-tag': { logLevel: 'none' },
        'ae-forgotten-export': { logLevel: 'none' },
        // It is told with the number of a line, which changes without a change of the interface.
        'ae-undocumented': { logLevel: 'none' },
      },
      tsdocMessageReporting: { default: { logLevel: 'none' } },
    },
  };
}

/** Keeps the tool's own news to itself, and errors that it would tell. */
function beQuiet(message) {
  if (message.logLevel === 'error') return;
  message.handled = true;
}
