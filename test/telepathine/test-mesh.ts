import type { TelepathineOptions } from '../../src/api/options.js';
import { TestMesh as PublishedTestMesh } from '../../src/testing/test-mesh.js';
import { recordingLogger } from './recording-logger.js';

/** The mesh that the package gives to applications; what its nodes log is kept. */
export class TestMesh extends PublishedTestMesh {
  readonly logger = recordingLogger();

  override options(options: TelepathineOptions = {}): TelepathineOptions {
    return super.options({ logger: this.logger, ...options });
  }
}
