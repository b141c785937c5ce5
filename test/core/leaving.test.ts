import test from 'ava';
import { Mesh, type MeshNode } from '../support/mesh.js';

/** Whatever the node pushes from now on is lost; what it sends to one node alone is not. */
function losePushes({ core }: MeshNode): void {
  const handle = core.handle.bind(core);
  core.handle = (input, nowMs) =>
    handle(input, nowMs).filter(
      (effect) => effect.type !== 'send' || effect.packet.token !== undefined,
    );
}

test('what was said last comes though its push is lost and the node leaves amid a stream of events', (t) => {
  const mesh = new Mesh(4);
  const [, , speaker] = mesh.grow(3);
  mesh.run(3000);
  for (let event = 0; event < 10; event++) {
    mesh.say('n2', 'e', event);
    mesh.run(5);
  }
  mesh.run(30);
  losePushes(speaker!);
  mesh.say('n2', 'e', 'last');
  mesh.input(speaker!, { type: 'leave' });
  mesh.until(() => speaker!.events.some(({ type }) => type === 'left'), 3000);
  mesh.kill('n2');
  mesh.run(5000);
  for (const name of ['n0', 'n1']) t.is(mesh.node(name).heard.at(-1), 'n2:e="last"', name);
});
