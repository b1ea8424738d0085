import { Script } from './script.ts';

/**
 * The gate of a provider: one script, the server's clock in microseconds, one hash and two lines of waiting processes.
 *
 * Starts lie on a grid of `spacing`. Every process that has work stands in a line once, with its most urgent task: the
 * priority line is ordered by priority and time of arrival, the backlog line by time; while both are waiting every fifth
 * slot is the backlog's. From its place in line a process knows its slot and sleeps until shortly before it: whoever asks
 * when all slots before his have passed may start at his own, at most 8 ms (or 0.4 of a spacing) from now. So neither the
 * grain of a timer nor the way to Redis makes a start late, and a process that died or overslept is taken out of the line
 * by whoever overtakes it. What was lost meanwhile, up to eight slots, is caught up with by starts that are closer: 2 % for
 * each slot that is lacking, 6 % at most. With more haste, the jitter of the way would bring requests too close.
 *
 * No grid promises anything about a window then: the times of the latest starts, as many as a window may hold, are kept as
 * they really were (`gate-notes.ts`), and a start waits until the first has left it.
 *
 * Hash: slot (grid time of the last start), last (its real time, perhaps a moment ahead), run (priority starts in a row
 * while the backlog waited), pause (closed until), reason, factor (learned share of the rate, 0.1–1), changed (when the
 * factor moved), ceiling (the factor that was too much), faults (in a row), opened (since when the circuit is open), day and
 * used (requests of that day). What operators say: held (closed by hand until then) and held_reason, set_spacing, set_count
 * and set_window (instead of the configured grid). Without `slot` the gate is unknown: Redis is new, was flushed or restarted,
 * and what Postgres remembers is put back first.
 *
 * The factor rises after every clean window (of 1 to 5 s): by 0.1 until it is near what was refused, then by 0.02.
 *
 * Replies: {'answer'}, {'busy'}, {'go', start}, {'wait', µs}, {'closed', µs, reason}, {'unknown'}; always followed by the
 * number of workers, the ticket of the caller in his line, the faults in a row, the spacing in force (of go and wait),
 * for how long the circuit has been open (µs), the clock, and how many of the workers are named before the caller.
 */
export const CLAIM = new Script(`
local gate, plane, bline, workers, answer, lock, starts = unpack(KEYS)
local me, lane, priority = ARGV[1], ARGV[2], tonumber(ARGV[3])
local spacing, most, window = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local token, lease, fresh = ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
local budget, threshold, ticket = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local locked = tonumber(ARGV[13])
local SHARE, SEEN, HASTE, MOST_HASTE, MOST_BEHIND, LEAD = 4, 15000000, 0.02, 0.06, 8, 8000
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

redis.call('ZADD', workers, now, me)
redis.call('ZREMRANGEBYSCORE', workers, '-inf', now - SEEN)
local all, seat = redis.call('ZRANGE', workers, 0, -1), 0
for _, id in ipairs(all) do if id < me then seat = seat + 1 end end
local count = #all

local function reply(kind, us, reason, ticket, faults, spacing, open)
  return {kind, us, reason, count, ticket, faults, spacing, open, now, seat}
end

if token ~= '' then
  local known = redis.call('GET', answer)
  if known and tonumber(string.match(known, '^%d+') or 0) >= fresh then return reply('answer', 0, '', ticket, 0, 0, 0) end
  local holder = redis.call('GET', lock)
  if holder and holder ~= token then return reply('busy', 0, '', ticket, 0, 0, 0) end
end

local h = redis.call('HMGET', gate, 'slot', 'last', 'run', 'pause', 'reason', 'factor', 'changed', 'faults', 'day', 'used',
  'held', 'held_reason', 'set_spacing', 'set_count', 'set_window', 'opened', 'ceiling')
if not h[1] then return reply('unknown', 0, '', ticket, 0, 0, 0) end
local slot, last, run = tonumber(h[1] or 0), tonumber(h[2] or 0), tonumber(h[3] or 0)
local pause, factor, changed = tonumber(h[4] or 0), tonumber(h[6] or 1), tonumber(h[7] or 0)
local faults, day, used = tonumber(h[8] or 0), tonumber(h[9] or 0), tonumber(h[10] or 0)
local held, said = tonumber(h[11] or 0), tonumber(h[13] or 0)
if said > 0 then spacing, most, window = said, tonumber(h[14]), tonumber(h[15]) end
local open = now - tonumber(h[16] or now)

if held > now then return reply('closed', held - now, h[12] or 'paused', ticket, faults, 0, open) end
if pause > now then return reply('closed', pause - now, h[5] or 'paused', ticket, faults, 0, open) end
local today = math.floor(time[1] / 86400)
if day ~= today then used = 0 end
if budget > 0 and used >= budget then
  return reply('closed', (today + 1) * 86400000000 - now, 'daily budget used', ticket, faults, 0, open)
end
if factor < 1 and now - changed > math.min(math.max(window, 1000000), 5000000) then
  local isNear = factor + 0.1 > 0.9 * tonumber(h[17] or 1)
  factor = math.min(1, factor + (isNear and 0.02 or 0.1))
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
local turns = place + before + 1
local behind = math.min(MOST_BEHIND, math.max(0, (now - slot) / spacing - 1))
local pace = (1 - math.min(MOST_HASTE, HASTE * behind)) * spacing
local due = math.max(slot + turns * spacing, last + turns * pace)
local first = redis.call('ZREVRANGE', starts, most - 1, most - 1, 'WITHSCORES')[2]
if first then due = math.max(due, tonumber(first) + window) end
local lead = math.min(LEAD, 0.4 * spacing)
if due > now + lead then
  -- In the middle of the time in which he may ask: a timer is early or late by a millisecond or two.
  return reply('wait', math.ceil(due - lead / 2 - now), '', ticket, faults, spacing, open)
end

redis.call('ZREMRANGEBYRANK', line, 0, place)
if before > 0 then redis.call('ZREMRANGEBYRANK', other, 0, before - 1) end
if lane == 'backlog' or others == 0 then run = 0 else run = run + 1 end
local at = math.ceil(math.max(now, due))
local lacking = slot == 0 and 0 or MOST_BEHIND * spacing
local start = string.format('%.0f', at)
redis.call('ZADD', starts, start, start)
redis.call('ZREMRANGEBYRANK', starts, 0, -most - 1)
redis.call('HSET', gate, 'slot', string.format('%.0f', math.max(slot + spacing, at - lacking)), 'last', start,
  'run', run, 'day', today, 'used', used + 1)
if faults >= threshold then
  redis.call('HSET', gate, 'pause', string.format('%.0f', now + lease * 1000), 'reason', 'circuit open')
end
if token ~= '' then redis.call('SET', lock, token, 'PX', locked) end
return reply('go', at, '', 0, faults, spacing, open)
`);

export type ClaimReply = readonly [
  kind: 'go' | 'answer' | 'busy' | 'wait' | 'closed' | 'unknown',
  us: number,
  reason: string,
  workers: number,
  ticket: number,
  faults: number,
  spacingUs: number,
  openUs: number,
  nowUs: number,
  seat: number,
];
