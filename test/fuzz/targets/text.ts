import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { decodePayload, encodePayload } from '../../../src/api/payload.js';
import { COMMANDS } from '../../../src/cli/start/commands.js';
import { contentOf } from '../../../src/cli/start/content.js';
import { parseJsonRequest, readRequest } from '../../../src/cli/start/request.js';
import { parseTextRequest } from '../../../src/cli/start/text-request.js';
import { TelepathineError } from '../../../src/error.js';
import * as address from '../../../src/transport/address.js';
import { readAddressMap } from '../../../src/transport/address-map.js';
import type { Encoding } from '../../../src/wire/packet.js';
import { textMutations } from '../mutations.js';
import type { Target } from '../target.js';

/** Addresses as people write them: what is read is canonical, and reads the same again. */
export const addressTarget: Target = {
  name: 'address',
  inputBytesMax: 600,
  cpuMsMax: 500,
  batch: 500,
  mutations: textMutations([
    ...['127.0.0.1', '[::1]', '::', '[', ']', ':', '%eth0', 'fe80::1', '::ffff:1.2.3.4', 'srv:'],
    ...['.', '-', '_', 'a', '0', '65535', '65536', '00080', 'host', '\n', ' ', '\u0000', 'ü'],
  ]),
  run(input) {
    const text = Buffer.from(input).toString();
    const seed = orRefused(() => address.parseSeed(text));
    if (seed) deepStrictEqual(address.parseSeed(address.formatSeed(seed)), seed);
    const host = orRefused(() => address.parseHost(text, 'host'));
    if (host) checkHost(host);
    const place = address.parseAddress(text);
    if (place)
      deepStrictEqual(address.parseAddress(address.formatAddress(place.ip, place.port)), place);
    const lines = text.split('\n').map((line) => line.split(' ', 2));
    const map = orRefused(() => readAddressMap(Object.fromEntries(lines)));
    if (map) checkMap(map, lines);
    return `${seed?.kind} ${host && Object.keys(host)} ${place?.ip.length} ${map && lines.length}`;
  },
};

/** Values of others: whatever the bytes, they are read or not, and what is read can be sent on. */
export const valueTarget: Target = {
  name: 'value',
  inputBytesMax: 16_384,
  cpuMsMax: 500,
  batch: 500,
  mutations: textMutations([
    ...['{', '}', '[', ']', '"', ':', ',', 'null', 'true', '1e999', '-0', '0.1', '\\ud800', '\\'],
    ...['"__proto__":', '"toJSON":', '"constructor":', '[[[[[[[[', '{"a":', '\ufeff', 'é', ' '],
  ]),
  run(input) {
    const [encoding = 0] = input;
    const payload = {
      bytes: input.subarray(1),
      encoding: encoding as Encoding,
      typeName: 'app.Type',
    };
    const decoded = decodePayload(payload);
    equal(Object.keys(Object.prototype).length, 0, 'Object.prototype has changed');
    if (decoded === undefined) return `${encoding} unreadable`;
    const { value } = decoded;
    const shown = JSON.stringify(contentOf(value));
    const sent = orRefused(() => encodePayload(value), 'NOT_SERIALIZABLE');
    if (sent) equal(JSON.stringify(contentOf(decodePayload(sent)?.value)), shown);
    return `${encoding} ${typeof value} ${Array.isArray(value)} ${sent === undefined}`;
  },
};

/** Lines that a running node reads: a command that can be run, or an error that says why not. */
export const requestTarget: Target = {
  name: 'request',
  inputBytesMax: 1000,
  cpuMsMax: 500,
  batch: 500,
  mutations: textMutations([
    ...Object.keys(COMMANDS),
    ...['{', '}', '"', ':', ',', '"command":"set"', '"key":"k"', '"value":', '"bytes":"AA=="'],
    ...['"id":1', '"ttlMs":5', '"__proto__":', ' ', 'k', '1', 'null', '\\', '\\"', '[', ']', '\t'],
  ]),
  run(input) {
    const line = Buffer.from(input).toString();
    const words = [parseJsonRequest, parseTextRequest].map((parse) => {
      const given = orRefused(() => parse(line));
      const request = given === undefined ? undefined : orRefused(() => readRequest(given));
      if (request === undefined) return given === undefined ? 'no' : 'refused';
      const { shape, fields } = request;
      for (const name of Object.keys(fields)) ok(Object.hasOwn(shape.fields, name), name);
      for (const name of shape.required) ok(Object.hasOwn(fields, name), name);
      return `${Object.entries(COMMANDS).find(([, each]) => each === shape)?.[0]} ${Object.keys(fields)}`;
    });
    return words.join();
  },
};

/** What is made, or undefined where the one documented error is thrown. */
function orRefused<Made>(make: () => Made, code = 'INVALID_ARGUMENT'): Made | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof TelepathineError && error.code === code) return undefined;
    throw error;
  }
}

function checkHost(host: address.HostPort): void {
  const text = host.host.includes(':') ? `[${host.host}]` : host.host;
  const again = host.port === undefined ? text : `${text}:${host.port}`;
  deepStrictEqual(address.parseHost(again, 'host'), host);
}

/** What goes out comes back as it was, and what is not in the map stays. */
function checkMap(map: ReturnType<typeof readAddressMap>, lines: string[][]): void {
  for (const [from = '', to = ''] of lines) {
    for (const text of [from, to, `${from}:1`]) {
      const known = address.parseAddress(text);
      if (known === undefined) continue;
      const canonical = address.formatAddress(known.ip, known.port);
      const out = map.outgoing(canonical);
      ok(address.parseAddress(out) !== undefined, `sent to '${out}'`);
      if (out !== canonical) equal(map.incoming(out), canonical);
    }
  }
}
