// Re-checks among what the server says: those that are done here and not sent yet, those begun here
// and given to someone else meanwhile.

/** The server's re-checks, with what only this phone knows. */
export function withPhone(fresh, before, done, begun) {
  const here = fresh.map((one) => (done.includes(one.id) ? { ...one, done: true } : one));
  const known = new Set(fresh.map(({ id }) => id));
  const kept = before.filter(({ id }) => !known.has(id) && begun.includes(id) && !done.includes(id));
  return here.concat(kept.map((one) => ({ ...one, moved: true })));
}
