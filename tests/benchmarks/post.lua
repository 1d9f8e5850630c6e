-- For wrk with one thread: posts to the addresses of a file in turn.
-- Arguments: the file, the body, how many of its lines were used before.

function init(arguments)
  addresses = {}
  for line in io.lines(arguments[1]) do addresses[#addresses + 1] = line end
  body, place = arguments[2], tonumber(arguments[3])
  headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
end

function request()
  place = place + 1
  return wrk.format("POST", addresses[(place - 1) % #addresses + 1], headers, body)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.3f, "p50": %.2f, "p99": %.2f, "failed": %d}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
