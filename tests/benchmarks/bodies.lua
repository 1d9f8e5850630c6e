-- For wrk with one thread: posts the lines of a file in turn.
-- Arguments: path, content type, the file, the cookie, how many of its lines were used before, how
-- many to post at most (0: as many as the time allows).

function init(arguments)
  bodies = {}
  path = arguments[1]
  for line in io.lines(arguments[3]) do bodies[#bodies + 1] = line end
  headers = {
    ["Content-Type"] = arguments[2], ["X-Minyi"] = "1", ["Cookie"] = arguments[4],
  }
  place, most, answered = tonumber(arguments[5]), tonumber(arguments[6]), 0
end

function request()
  place = place + 1
  return wrk.format("POST", path, headers, bodies[(place - 1) % #bodies + 1])
end

function response()
  answered = answered + 1
  if answered == most then wrk.thread:stop() end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.3f, "p50": %.2f, "p99": %.2f, "failed": %d}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
