import type { Slot } from './gate-slot.ts';
import { Script } from './script.ts';

/**
 * The gate of a provider: one script, the server's clock in microseconds, one hash and two lines of waiting processes.
 *
 * Starts lie on a grid of `spacing`. Every process that has work stands in a line once, with its most urgent task: the
 * priority line is ordered by priority and time of arrival, the backlog line by time; while both are waiting every fifth
 * slot is the backlog's. From its place in line a process knows its slot and sleeps until then. Nobody is handed a slot
 * in advance: whoever asks at a time when all slots before his have passed may go. So a process that died or overslept
 * costs the slot that was its own and never more, and it is taken out of the line by whoever overtakes it.
 *
 * Hash: slot (grid time of the last start), last (its real time), run (priority starts in a row while the backlog
 * waited), pause (closed until), reason, factor (learned share of the rate, 0.1–1), changed (when the factor moved),
 * faults (in a row), opened (since when the circuit is open), day and used (requests of that day). What operators say: held
 * (closed by hand until then) and held_reason, set_spacing and set_late (instead of the configured grid). Without `slot`
 * the gate is unknown: Redis is new, was flushed or restarted, and what Postgres remembers is put back first.
 *
 * Replies: {'answer'}, {'busy'}, {'go'}, {'wait', µs}, {'closed', µs, reason}, {'unknown'}; always followed by the number of
 * workers, the ticket of the caller in his line, the faults in a row, the spacing in force (0 = as configured), and for
 * how long the circuit has been open (µs).
 */
export const CLAIM = new Script(`
local gate, plane, bline, workers, answer, lock = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local me, lane, priority = ARGV[1], ARGV[2], tonumber(ARGV[3])
local spacing, gap, late = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local token, lease, fresh = ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
local budget, threshold, ticket = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local locked = tonumber(ARGV[13])
local SHARE, SEEN = 4, 15000000
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

redis.call('ZADD', workers, now, me)
redis.call('ZREMRANGEBYSCORE', workers, '-inf', now - SEEN)
local count = redis.call('ZCARD', workers)

if token ~= '' then
  local known = redis.call('GET', answer)
  if known and tonumber(string.match(known, '^%d+') or 0) >= fresh then return {'answer', 0, '', count, ticket, 0, 0, 0} end
  local holder = redis.call('GET', lock)
  if holder and holder ~= token then return {'busy', 0, '', count, ticket, 0, 0, 0} end
end

local h = redis.call('HMGET', gate, 'slot', 'last', 'run', 'pause', 'reason', 'factor', 'changed', 'faults', 'day', 'used',
  'held', 'held_reason', 'set_spacing', 'set_late', 'opened')
if not h[1] then return {'unknown', 0, '', count, ticket, 0, 0, 0} end
local slot, last, run = tonumber(h[1] or 0), tonumber(h[2] or 0), tonumber(h[3] or 0)
local pause, factor, changed = tonumber(h[4] or 0), tonumber(h[6] or 1), tonumber(h[7] or 0)
local faults, day, used = tonumber(h[8] or 0), tonumber(h[9] or 0), tonumber(h[10] or 0)
local held, said = tonumber(h[11] or 0), tonumber(h[13] or 0)
if said > 0 then spacing, late = said, tonumber(h[14]) end
local open = now - tonumber(h[15] or now)

if held > now then return {'closed', held - now, h[12] or 'paused', count, ticket, faults, said, open} end
if pause > now then return {'closed', pause - now, h[5] or 'paused', count, ticket, faults, said, open} end
local today = math.floor(time[1] / 86400)
if day ~= today then used = 0 end
if budget > 0 and used >= budget then
  return {'closed', (today + 1) * 86400000000 - now, 'daily budget used', count, ticket, faults, said, open}
end
if factor < 1 and now - changed > 30000000 then
  factor = math.min(1, factor + 0.1)
  redis.call('HSET', gate, 'factor', factor, 'changed', now)
end
spacing = spacing / factor

local line, other = plane, bline
if lane == 'backlog' then line, other = bline, plane end
if ticket == 0 then ticket = now end
local score = ticket / 1000
if lane ~= 'backlog' then score = score + (10 - priority) * 10000000000000 end
local stands = redis.call('ZSCORE', line, me)
if not stands or score < tonumber(stands) then redis.call('ZADD', line, string.format('%.3f', score), me) end

local place = redis.call('ZRANK', line, me)
local others = redis.call('ZCARD', other)
local before
if lane == 'backlog' then
  before = math.min(others, math.max(0, SHARE * (place + 1) - run))
else
  before = math.min(others, math.floor((run + place) / SHARE))
end
local grid = slot + (place + before + 1) * spacing
local due = math.max(grid, last + gap * spacing)
if due > now then return {'wait', math.ceil(due - now), '', count, ticket, faults, said, open} end

redis.call('ZREMRANGEBYRANK', line, 0, place)
if before > 0 then redis.call('ZREMRANGEBYRANK', other, 0, before - 1) end
if lane == 'backlog' or others == 0 then run = 0 else run = run + 1 end
redis.call('HSET', gate, 'slot', string.format('%.0f', math.max(grid, now - late)), 'last', string.format('%.0f', now),
  'run', run, 'day', today, 'used', used + 1)
if faults >= threshold then
  redis.call('HSET', gate, 'pause', string.format('%.0f', now + lease * 1000), 'reason', 'circuit open')
end
if token ~= '' then redis.call('SET', lock, token, 'PX', locked) end
return {'go', 0, '', count, 0, faults, said, open}
`);

export type ClaimReply = readonly [
  kind: Slot | 'wait' | 'closed' | 'unknown',
  us: number,
  reason: string,
  workers: number,
  ticket: number,
  faults: number,
  spacingUs: number,
  openUs: number,
];

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
if said > 0 then redis.call('HSET', KEYS[1], 'set_spacing', ARGV[9], 'set_late', ARGV[10], 'set_rate', ARGV[11]) end
return 1
`);

/** Leaves both lines: for a process that has nothing to ask any more. */
export const LEAVE = new Script(`
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
`);

/** Closes the gate until then, never earlier than it is closed already; a slow-down also halves the learned rate. */
export const PAUSE = new Script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local h = redis.call('HMGET', KEYS[1], 'pause', 'factor', 'changed')
local untilTime = now + tonumber(ARGV[1]) * 1000
if untilTime > tonumber(h[1] or 0) then
  redis.call('HSET', KEYS[1], 'pause', string.format('%.0f', untilTime), 'reason', ARGV[2])
end
if ARGV[3] == '1' and now - tonumber(h[3] or 0) > 5000000 then
  redis.call('HSET', KEYS[1], 'factor', math.max(0.1, tonumber(h[2] or 1) / 2), 'changed', string.format('%.0f', now))
end
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
