/** What a gate is told, beside the claims: short scripts on the same hash and the log of starts (see `gate-script.ts`). */
import { Script } from './script.ts';

/**
 * Puts back what is remembered of a gate that Redis does not know, unless somebody has done so already. Requests of a
 * moment ago are not remembered: the next start is a spacing away from now, which no window can exceed.
 */
export const RESTORE = new Script(`
if redis.call('HEXISTS', KEYS[1], 'slot') == 1 then return 0 end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000000 + time[2])
local paused, reason, factor, day, used = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
redis.call('HSET', KEYS[1], 'slot', ARGV[6] == '1' and now or 0, 'last', ARGV[6] == '1' and now or 0,
  'factor', factor, 'changed', 0, 'day', day, 'used', used)
if paused > 0 then redis.call('HSET', KEYS[1], 'pause', string.format('%.0f', paused * 1000), 'reason', reason) end
local held, said = tonumber(ARGV[7]), tonumber(ARGV[9])
if held > 0 then redis.call('HSET', KEYS[1], 'held', ARGV[7], 'held_reason', ARGV[8]) end
if said > 0 then
  redis.call('HSET', KEYS[1], 'set_spacing', ARGV[9], 'set_count', ARGV[10], 'set_window', ARGV[11], 'set_rate', ARGV[12])
end
return 1
`);

/** Leaves both lines: for a process that has nothing to ask any more. */
export const LEAVE = new Script(`
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
`);

/**
 * Closes the gate until then, never earlier than it is closed already; a slow-down also halves the learned rate, once for
 * all refusals until a second after the pause. The share that was refused is remembered: it is come back to slowly.
 */
export const PAUSE = new Script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local h = redis.call('HMGET', KEYS[1], 'pause', 'factor', 'changed')
local untilTime = now + tonumber(ARGV[1]) * 1000
if untilTime > tonumber(h[1] or 0) then
  redis.call('HSET', KEYS[1], 'pause', string.format('%.0f', untilTime), 'reason', ARGV[2])
end
local factor = tonumber(h[2] or 1)
if ARGV[3] == '1' and now - tonumber(h[3] or 0) > 1000000 then
  redis.call('HSET', KEYS[1], 'factor', math.max(0.1, factor / 2), 'ceiling', factor, 'changed',
    string.format('%.0f', untilTime))
end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
`);

/**
 * The start named so was this much later (µs) than it was granted: windows count from its real time. What follows keeps its
 * distance from 1.5 ms before: each of them is late by about as much, and at 100/s, where one in ten is told, keeping
 * the whole distance cost 8 % of the rate.
 */
export const MOVE = new Script(`
local at = tonumber(ARGV[1]) + tonumber(ARGV[2])
if redis.call('ZADD', KEYS[2], 'XX', 'GT', 'CH', string.format('%.0f', at), ARGV[1]) == 0 then return 0 end
local last = at - 1500
if last > tonumber(redis.call('HGET', KEYS[1], 'last') or 0) then
  redis.call('HSET', KEYS[1], 'last', string.format('%.0f', last))
end
return 1
`);

/**
 * What a process let go while Redis was away, for it (times in ms). Others may still do so for a moment, unseen by the
 * gate: it stays closed until they have noticed.
 */
export const RETURN = new Script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
for at = 3, #ARGV do
  local start = string.format('%.0f', ARGV[at] * 1000)
  redis.call('ZADD', KEYS[2], start, start)
end
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -ARGV[1] - 1)
local h = redis.call('HMGET', KEYS[1], 'slot', 'pause')
local untilTime = now + ARGV[2] * 1000
if h[1] and untilTime > tonumber(h[2] or 0) then
  redis.call('HSET', KEYS[1], 'pause', string.format('%.0f', untilTime), 'reason', 'Redis was away')
end
return 1
`);

/** The start named so did not take place: its slot (µs) can be used by another. So can the turn of a probe. */
export const TAKE_BACK = new Script(`
if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then return 0 end
if tonumber(redis.call('HGET', KEYS[1], 'used') or 0) > 0 then redis.call('HINCRBY', KEYS[1], 'used', -1) end
local h = redis.call('HMGET', KEYS[1], 'reason', 'last', 'slot')
if h[3] then redis.call('HSET', KEYS[1], 'slot', string.format('%.0f', h[3] - ARGV[2])) end
if h[1] == 'circuit open' and h[2] == ARGV[1] then redis.call('HDEL', KEYS[1], 'pause', 'reason') end
return 1
`);

/**
 * What a request came to, and how long ago it began (µs). A success closes the circuit; faults in a row open it: the gate
 * is then closed, for longer after each failed probe, and the first to ask when it opens is the next probe. The faults of
 * requests that were under way when it opened are no news: twenty of them would close it for a minute at once.
 */
export const REPORT = new Script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local threshold = tonumber(ARGV[2])
local faults = tonumber(redis.call('HGET', KEYS[1], 'faults') or 0)
if ARGV[1] == 'ok' then
  if faults > 0 then
    redis.call('HSET', KEYS[1], 'faults', 0)
    redis.call('HDEL', KEYS[1], 'opened')
  end
  if faults >= threshold and redis.call('HGET', KEYS[1], 'reason') == 'circuit open' then
    redis.call('HDEL', KEYS[1], 'pause', 'reason')
    redis.call('PUBLISH', ARGV[4], ARGV[5])
  end
  return 0
end
local opened = redis.call('HGET', KEYS[1], 'opened')
if opened and now - tonumber(ARGV[3]) <= tonumber(opened) then return 1 end
faults = faults + 1
redis.call('HSET', KEYS[1], 'faults', faults)
if faults < threshold then return 0 end
redis.call('HSETNX', KEYS[1], 'opened', string.format('%.0f', now))
local wait = math.min(60, 2 ^ math.min(faults - threshold, 6)) * 1000000
local pause = tonumber(redis.call('HGET', KEYS[1], 'pause') or 0)
if redis.call('HGET', KEYS[1], 'reason') == 'circuit open' or now + wait > pause then
  redis.call('HSET', KEYS[1], 'pause', string.format('%.0f', now + wait), 'reason', 'circuit open')
end
return 1
`);

/** Gives the lock back, if it is still ours. */
export const UNLOCK = new Script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`);
