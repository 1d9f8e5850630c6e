-- For wrk with one thread: posts the lines of a file in turn, each a cookie, a tab and a body.
-- Arguments: path, content type, the file, how many of its lines were used before.

function init(arguments)
  bodies, cookies = {}, {}
  path, kind = arguments[1], arguments[2]
  for line in io.lines(arguments[3]) do
    local cookie, body = line:match("^([^\t]*)\t(.*)$")
    bodies[#bodies + 1], cookies[#cookies + 1] = body, cookie
  end
  place = tonumber(arguments[4])
end

function request()
  place = place + 1
  local line = (place - 1) % #bodies + 1
  local headers = { ["Content-Type"] = kind, ["X-Minyi"] = "1", ["Cookie"] = cookies[line] }
  return wrk.format("POST", path, headers, bodies[line])
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.3f, "p50": %.2f, "p99": %.2f, "failed": %d}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
