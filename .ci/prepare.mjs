// Builds after `npm ci` and before `npm pack`, from nothing, so that the output of a deleted source
// does not stay. An install without development dependencies has no compiler, and keeps dist/ as it
// is.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

if (hasCompiler()) {
  rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
  const build = spawnSync('npm run build', { cwd: root, shell: true, stdio: 'inherit' });
  process.exitCode = build.status ?? 1;
} else {
  console.error('telepathine: typescript is not installed, nothing was built');
}

function hasCompiler() {
  try {
    createRequire(import.meta.url).resolve('typescript/package.json');
    return true;
  } catch {
    return false;
  }
}
