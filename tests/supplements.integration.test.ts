/** The covers of the Cover Art Archive, as an example of a provider that adds to what another one found. */
import { coversOf } from '../services/provider-sandbox/coverartarchive/covers.ts';
import { indexOf } from '../services/provider-sandbox/coverartarchive/wire.ts';
import { creditOf, type Track } from '../services/provider-sandbox/catalogue/track.ts';
import { loadTracks } from '../services/provider-sandbox/catalogue/tracks.ts';
import { releaseIdOf } from '../services/provider-sandbox/musicbrainz/wire.ts';
import { eventually } from './harness.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';

const ENTRY = 'metadata_enrichment_queue';
const LONG = { timeoutMs: 15_000 };

const tracks = loadTracks();
const { releases } = coversOf(tracks);
/** What MusicBrainz alone knows, with a front cover of its release. */
const covered = tracks.find(
  (track) =>
    track.kind === 'original' &&
    [...track.knownTo].join() === 'musicbrainz' &&
    releases.has(releaseIdOf(track)) &&
    JSON.stringify(indexOf(releaseIdOf(track))).includes('"Front"'),
)!;

interface Row {
  readonly enrichment_status: string;
  readonly enrichment_source_api: string;
  readonly missing: readonly string[];
  readonly enriched: Record<string, unknown>;
  readonly provenance: Record<string, { readonly provider: string }>;
}

let pipeline: TestPipeline;
beforeEach(async () => {
  pipeline = await openTestPipeline();
});
afterEach(() => pipeline.close());

const messageOf = (id: string, track: Track = covered): object => ({
  track_id: id,
  artist: creditOf(track),
  title: track.title,
  album: track.album,
});
const settled = (count: number): Promise<Row[]> =>
  eventually(async () => {
    const { rows } = await pipeline.db.query<Row>('select * from tracks order by track_id');
    expect(rows).toHaveLength(count);
    return rows;
  }, LONG);
const requestsOf = async (provider: string): Promise<number> => (await pipeline.figures(provider)).requests;

test('a cover is added to what MusicBrainz found, and asked for once, also by records that are written otherwise', async () => {
  await pipeline.openWorker();
  await pipeline.send(ENTRY, messageOf('t1'));
  const [row] = await settled(1);
  expect(row).toMatchObject({ enrichment_status: 'enriched', enrichment_source_api: 'musicbrainz' });
  expect(row?.enriched['artwork_url']).toMatch(/^https:\/\/coverartarchive\.org\/release\/.*-500\.jpg$/);
  expect(row?.provenance['artwork_url']?.provider).toBe('coverartarchive');
  await pipeline.send(ENTRY, { ...messageOf('t2'), duration_ms: covered.durationMs }, messageOf('t3'));
  const covers = (await settled(3)).map(({ enriched }) => enriched['artwork_url']);
  expect(new Set(covers).size).toBe(1);
  expect(await pipeline.figures('coverartarchive')).toMatchObject({ requests: 1, violations: 0 });
});

test('who is enriched by another provider asks for no cover', async () => {
  await pipeline.openWorker();
  await pipeline.send(ENTRY, { track_id: 't1', artist: 'Deadmau5', title: 'Strobe' });
  const [row] = await settled(1);
  expect(row).toMatchObject({ enrichment_source_api: 'spotify', missing: [] });
  expect(await requestsOf('coverartarchive')).toBe(0);
});

test('a match is kept when its cover cannot be had, and says what is missing; asking for that alone completes it', async () => {
  const fault = { provider: 'coverartarchive', kind: 'status', status: 500 };
  await pipeline.control('POST', '/faults', fault);
  await pipeline.openWorker({ COVERARTARCHIVE_ATTEMPTS: '1' });
  await pipeline.send(ENTRY, messageOf('t1'));
  const [partial] = await settled(1);
  expect(partial).toMatchObject({ enrichment_status: 'enriched', missing: ['coverartarchive'] });
  expect(partial?.enriched['artwork_url']).toBeUndefined();
  await pipeline.control('DELETE', '/faults');
  const asked = await requestsOf('musicbrainz');
  await pipeline.send(ENTRY, { ...messageOf('t1'), providers: ['coverartarchive'] });
  await eventually(async () => {
    const [whole] = await settled(1);
    expect(whole?.enriched['artwork_url']).toBeDefined();
  }, LONG);
  expect(await requestsOf('musicbrainz')).toBe(asked);
});

test('without credentials and without a sandbox tracks are enriched by the providers that need none', async () => {
  const base = pipeline.env['PROVIDER_SANDBOX_URL'] ?? '';
  await pipeline.openWorker({
    PROVIDER_SANDBOX_URL: '',
    MUSICBRAINZ_URL: `${base}/musicbrainz/ws/2`,
    COVERARTARCHIVE_URL: `${base}/coverartarchive`,
    DEEZER_URL: `${base}/deezer`,
  });
  const deezer = tracks.find(({ kind, knownTo }) => kind === 'original' && [...knownTo].join() === 'deezer')!;
  await pipeline.send(ENTRY, messageOf('t1'), messageOf('t2', deezer));
  const sources = (await settled(2)).map(({ enrichment_source_api: source, missing }) => [source, missing]);
  expect(sources).toEqual([
    ['musicbrainz', []],
    ['deezer', []],
  ]);
  expect(await requestsOf('spotify')).toBe(0);
});
