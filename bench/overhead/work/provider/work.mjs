/** The work that all peers do. */
export function shout(text) {
  return `${text.toUpperCase()}!`;
}
