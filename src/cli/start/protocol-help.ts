/** What `telepathine start --help` says of standard input and output; docs/CLI.md says more. */
export const STANDARD_INPUT_HELP = `
Commands, one a line on standard input:
  set KEY JSON [TTL_MS]           set an own key
  get KEY [PEER]                  print an own value, or another node's
  delete KEY                      delete an own key
  keys [PEER]                     print the own keys, or another node's
  say EVENT [JSON] [DURATION_MS]  say an event to all other nodes
  members                         print the nodes: name, status, address, round trip
  stats                           print the counts as one JSON object
  stop                            say goodbye and end
A name with spaces is written as JSON text, in quotes. The end of input alone does not stop the
node; SIGTERM, SIGINT and --until-eof do.

Standard output has a line for what the node hears and learns:
  peer:new PEER ADDRESS     peer:start PEER     peer:stop PEER     peer:leave PEER
  peer:suspect PEER         peer:forget PEER    set PEER KEY JSON  key:deleted PEER KEY
  key:expired PEER KEY JSON say PEER EVENT JSON
Messages go to standard error.

With --json a command is an object, such as
  {"command":"set","key":"k","value":{"a":1},"ttlMs":5000,"id":7}
  {"command":"get","key":"k","peer":"n2"}   {"command":"say","event":"e","value":1}
and all that the node says is on standard output, one object a line, such as
  {"schema":1,"type":"started","name":"n1","address":"127.0.0.1:9000","port":9000,"private":true}
  {"schema":1,"type":"set","peer":"n2","key":"k","value":{"a":1},"expiresAt":1767225600000}
  {"schema":1,"type":"answer","id":7,"command":"set","ok":true}
  {"schema":1,"type":"answer","id":8,"ok":false,"error":{"code":"INVALID_ARGUMENT","message":"…"}}

Exit codes: 0 done, 1 failed, 2 usage, 3 unreachable or timed out, 4 not authenticated,
130 interrupted.`;
