/**
 * `telepathine/testing`: many nodes in one process, in virtual time and without sockets, for tests of
 * what an application does with them.
 */
export type { MeshConditions, TestMeshOptions } from './test-mesh.js';
export { TestMesh } from './test-mesh.js';
