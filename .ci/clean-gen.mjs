// Removes the generated code, so that a deleted .proto file leaves nothing behind in gen/.
import { rmSync } from 'node:fs';

rmSync(new URL('../gen/telepathine', import.meta.url), { recursive: true, force: true });
