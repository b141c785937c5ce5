/**
 * What the type parameters of a node say: `Values` gives each key the type of its value, `Says`
 * each event that of its data. The compiler keeps them; what another node sends is not checked.
 */

/** The names that a type map declares. */
export type KeyOf<Map> = keyof Map & string;

/** A key and its value, of those that a type map declares. */
export type EntryOf<Map> = [key: KeyOf<Map>, value: Map[KeyOf<Map>]];

/** What handlers may be registered for: a declared name, or a pattern, which has an asterisk. */
export type NameOrPattern<Map> = KeyOf<Map> | `${string}*${string}`;

/** The name that a handler is given: the very one it was registered for, or any that fits. */
export type NameIn<Pattern> = Pattern extends `${string}*${string}` ? string : Pattern;

/** The type of the values of a name; unknown for a pattern, which undeclared names may fit too. */
export type Lookup<Map, Name> = Name extends keyof Map ? Map[Name] : unknown;

/** The arguments of `say` behind the event. The data may be left out where it may be null. */
export type SayArguments<Data> = [null] extends [Data]
  ? [data?: Data | undefined, ...SaySettings]
  : undefined extends Data
    ? [data?: Data, ...SaySettings]
    : [data: Data, ...SaySettings];

type SaySettings = [eventDurationMS?: number | undefined, buffer?: boolean | undefined];
