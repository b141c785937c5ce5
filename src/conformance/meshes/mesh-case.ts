import type { Grade } from '../cases/case.js';
import type { Feature, StartFields } from '../control/protocol.js';
import type { Mesh } from './mesh.js';

/** What a mesh of several nodes, of one implementation or of several, must do together. */
export interface MeshCase {
  /** `mesh-loss-9`. */
  readonly id: string;
  /** The rules that it shows. */
  readonly section: string;
  readonly title: string;
  readonly grade: Grade;
  /** Every implementation in the mesh needs them. */
  readonly features: readonly Feature[];
  readonly size: number;
  /** What is different about the start of its nodes. */
  readonly start: Partial<StartFields>;
  readonly run: (mesh: Mesh) => Promise<void>;
}
