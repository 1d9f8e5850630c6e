// Assigned addresses: what was tried at each, on the server and on this phone, and where it stands.

const SETTLED = 2;
const CHINA = 8 * 3600 * 1000;
const DAY = 24 * 3600 * 1000;

/** The time of day, in China, that a visit counts for: as surveys/fieldwork/visits.py has it. */
export function timeOf(moment) {
  const there = new Date(Date.parse(moment) + CHINA);
  if ([0, 6].includes(there.getUTCDay())) return "weekend";
  const hour = there.getUTCHours();
  return hour < 12 ? "morning" : hour < 18 ? "afternoon" : "evening";
}

/** An assignment after one more attempt. */
export function noted(assignment, attempt, outcomes) {
  const outcome = outcomes.find((one) => one.code === attempt.outcome);
  const isSettled = Boolean(outcome) && outcome.settles === SETTLED;
  const { at, outcome: code, return_at } = attempt;
  return {
    ...assignment,
    attempts: assignment.attempts.concat([{ at, outcome: code, return_at }]),
    attempts_left: isSettled ? 0 : Math.max(assignment.attempts_left - 1, 0),
    untried: assignment.untried.filter((time) => time !== timeOf(at)),
    households: assignment.households || attempt.households || null,
    settled: Boolean(assignment.settled) || isSettled,
  };
}

/**
 * What the server says now, with what only this phone knows yet.
 * `pending` are attempts that await their sending; `kept` are earlier assignments with work under
 * way, which stay even if the office has moved them to someone else meanwhile.
 */
export function merged(fresh, pending, kept) {
  const assignments = fresh.assignments.map((assignment) => {
    const last = assignment.attempts[assignment.attempts.length - 1];
    const outcome = last && fresh.outcomes.find((one) => one.code === last.outcome);
    const settled = assignment.answered || Boolean(outcome && outcome.settles === SETTLED);
    return pending
      .filter(({ unit }) => unit === assignment.unit)
      .filter((attempt) => !assignment.attempts.some((known) => isSame(known, attempt)))
      .reduce((so_far, attempt) => noted(so_far, attempt, fresh.outcomes), { ...assignment, settled });
  });
  const here = new Set(assignments.map(({ unit }) => unit));
  const moved = kept.filter(({ unit }) => !here.has(unit)).map((one) => ({ ...one, moved: true }));
  return { ...fresh, assignments: assignments.concat(moved) };
}

function isSame(one, other) {
  return one.outcome === other.outcome && Date.parse(one.at) === Date.parse(other.at);
}

export function isOpen(assignment) {
  return !assignment.answered && !assignment.settled;
}

/** When someone asked us to come back, if that was the last word; else null. */
export function returnAt(assignment) {
  const last = assignment.attempts[assignment.attempts.length - 1];
  return isOpen(assignment) && last && last.return_at ? last.return_at : null;
}

/** Open addresses that somebody waits at until the end of today or waited at already, soonest first. */
export function expected(assignments, now) {
  const tonight = (Math.floor((now + CHINA) / DAY) + 1) * DAY - CHINA;
  return assignments
    .filter((one) => returnAt(one) && Date.parse(returnAt(one)) < tonight)
    .sort((one, other) => Date.parse(returnAt(one)) - Date.parse(returnAt(other)));
}

/** Addresses by building, and in it by floor, in the order in which one walks. */
export function byBuilding(assignments) {
  const buildings = new Map();
  for (const one of assignments.slice().sort((a, b) => a.order - b.order)) {
    const name = JSON.stringify([one.wave, one.community.code, one.address.building]);
    if (!buildings.has(name)) buildings.set(name, { first: one, floors: new Map() });
    const { floors } = buildings.get(name);
    floors.set(one.floor, (floors.get(one.floor) || []).concat([one]));
  }
  return Array.from(buildings.values(), ({ first, floors }) => ({
    wave: first.wave,
    community: first.community,
    building: first.address.building,
    floors: Array.from(floors, ([floor, doors]) => ({ floor, doors })),
  }));
}

/** Which household is asked if so many were counted; null while nobody has counted. */
export function chosenHousehold(assignment, households) {
  if (!households) return null;
  if (households === 1) return 1;
  if (assignment.households === households && assignment.chosen_household) {
    return assignment.chosen_household;
  }
  return assignment.household_choices[String(households)] || null;
}

/** Which adult is asked, counted from the oldest, if so many live there. */
export function chosenAdult(assignment, adults) {
  const most = Math.max(...Object.keys(assignment.kish).map(Number));
  return assignment.kish[String(Math.min(adults, most))];
}
