-- Collectors for wrk: each thread is one, with sequence numbers of its own. Arguments: collector id, events a request.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set("number", #threads)
end

function init(args)
  id = args[1] .. "-" .. number
  batch = tonumber(args[2])
  seq, sent, acknowledged, refused = 0, 0, 0, 0
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  local rows = {}
  for i = 1, batch do
    seq = seq + 1
    rows[i] = '{"seq":' .. seq .. ',"data":{"metric":"load","value":' .. seq % 100 .. "}}"
  end
  sent = sent + batch
  return wrk.format(nil, nil, nil, '{"collector":"' .. id .. '","events":[' .. table.concat(rows, ",") .. "]}")
end

function response(status)
  if status == 200 then acknowledged = acknowledged + batch else refused = refused + batch end
end

function done(summary, latency)
  local total = { sent = 0, acknowledged = 0, refused = 0 }
  for _, thread in ipairs(threads) do
    for key, value in pairs(total) do total[key] = value + thread:get(key) end
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"sent": %d, "acknowledged": %d, "refused": %d, "seconds": %.3f, "p50_ms": %.3f, "p99_ms": %.3f, "failed": %d}\n',
    total.sent, total.acknowledged, total.refused, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.timeout))
end
