/** What JSON can say. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/** An object of JSON. */
export type JsonObject = { [key: string]: JsonValue };

/** value as plain JSON; what cannot be written as JSON (functions, cycles) is left out. */
export function toJSON(value: unknown): JsonValue {
  const above: unknown[] = [];
  const written = JSON.stringify(value ?? {}, function (this: unknown, _key, each: unknown) {
    while (above.length > 0 && above[above.length - 1] !== this) above.pop();
    if (typeof each === 'bigint') return each.toString();
    if (typeof each !== 'object' || each === null) return each;
    if (above.includes(each)) return undefined;
    above.push(each);
    return each;
  });
  return JSON.parse(written ?? '{}') as JsonValue;
}

/** value as a JSON object, undefined where it is none or has no entries. */
export function toObject(value: unknown): JsonObject | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0) return undefined;
  const json = toJSON(value);
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : undefined;
}
