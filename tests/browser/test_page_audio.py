"""The audio modules, in the browser that runs them: numbers, not sounds."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.scripted_relay import ScriptedRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def modules(browser: Browser) -> AsyncIterator[Page]:
    """A page of the relay's origin, for its modules: one for all tests here, since these keep no state."""
    relay = ScriptedRelay()
    await relay.start()
    page = await browser.new_page()
    await page.goto(relay.url + "favicon.svg")
    yield page
    await page.close()
    await relay.stop()


RESAMPLE = """
async ([rate, hz, piece]) => {
  const { Resampler } = await import("/resampler.js");
  const input = Float32Array.from({ length: rate }, (_, n) => Math.sin(2 * Math.PI * hz * n / rate));
  const resampler = new Resampler(rate, 16000);
  const output = [];
  for (let at = 0; at < input.length; at += piece) output.push(...resampler.process(input.subarray(at, at + piece)));
  output.push(...resampler.finish());
  const middle = output.slice(1000, 15000);
  let error = 0;
  let power = 0;
  for (let n = 0; n < middle.length; n++) {
    error += (middle[n] - Math.sin(2 * Math.PI * hz * (n + 1000) / 16000)) ** 2;
    power += middle[n] ** 2;
  }
  const db = (sum) => 10 * Math.log10(sum / middle.length * 2 + 1e-20);
  return { length: output.length, error: db(error), power: db(power) };
}
"""


@pytest.mark.parametrize("rate", [48_000, 44_100, 22_050, 8_000])
@pytest.mark.parametrize("piece", [128, 4_410])
async def test_speech_passes_the_resampler_unchanged(modules: Page, rate: int, piece: int) -> None:
    """1 kHz comes out as the same sine, in phase, whatever the pieces: error at least 60 dB down."""
    result = await modules.evaluate(RESAMPLE, [rate, 1_000, piece])
    assert result["length"] == pytest.approx(16_000, abs=2)
    assert result["error"] < -60


@pytest.mark.parametrize(("rate", "hz"), [(48_000, 6_500), (44_100, 6_500)])
async def test_the_upper_speech_band_is_kept(modules: Page, rate: int, hz: int) -> None:
    assert (await modules.evaluate(RESAMPLE, [rate, hz, 4_800]))["power"] == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize(
    ("rate", "hz"), [(48_000, 8_200), (48_000, 15_000), (44_100, 12_000), (44_100, 17_000)]
)
async def test_what_would_fold_back_into_speech_is_filtered(modules: Page, rate: int, hz: int) -> None:
    assert (await modules.evaluate(RESAMPLE, [rate, hz, 4_800]))["power"] < -70


async def test_pcm_is_clipped_and_cut_into_whole_chunks(modules: Page) -> None:
    result = await modules.evaluate(
        """
        async () => {
          const { Chunker, toPcm16 } = await import("/pcm.js");
          const chunks = [];
          const chunker = new Chunker((chunk) => chunks.push([...chunk]));
          let next = 0;
          for (const size of [1, 1599, 1700, 3000, 128]) {
            chunker.push(Int16Array.from({ length: size }, () => next++));
          }
          chunker.finish();
          chunker.finish();
          return { pcm: [...toPcm16([0, 1, -1, 2, -2, 0.5])], sizes: chunks.map((c) => c.length), all: chunks.flat() };
        }
        """
    )
    assert result["pcm"] == [0, 32767, -32767, 32767, -32767, 16384]
    assert result["sizes"] == [1600, 1600, 1600, 1600, 28]
    assert result["all"] == list(range(6428))


RING = """
async (steps) => {
  const { AudioRing } = await import("/audio-ring.js");
  const ring = new AudioRing(10);
  let next = 0;
  const results = [];
  for (const [what, value] of steps) {
    if (what === "append") ring.append(Int16Array.from({ length: value }, () => next++));
    if (what === "release") ring.release(value);
    if (what === "align") results.push(ring.align(value));
  }
  return { results, start: ring.start, end: ring.end, samples: [...ring.read(ring.start, 100)] };
}
"""


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            [["append", 7], ["append", 6]],
            {"results": [], "start": 3, "end": 13, "samples": list(range(3, 13))},
            id="the oldest are dropped",
        ),
        pytest.param(
            [["append", 25]],
            {"results": [], "start": 15, "end": 25, "samples": list(range(15, 25))},
            id="a piece longer than the ring",
        ),
        pytest.param(
            [["append", 8], ["align", 3]],
            {"results": [{"shift": 0, "lost": 0}], "start": 0, "end": 8, "samples": list(range(8))},
            id="the relay has a part of it",
        ),
        pytest.param(
            [["append", 14], ["align", 1]],
            {"results": [{"shift": 3, "lost": 3}], "start": 1, "end": 11, "samples": list(range(4, 14))},
            id="the gap is renumbered away and told",
        ),
        pytest.param(
            [["append", 8], ["release", 5], ["align", 0]],
            {"results": [{"shift": 5, "lost": 0}], "start": 0, "end": 3, "samples": [5, 6, 7]},
            id="a restarted relay gets nothing that is stored already, and nothing is called lost",
        ),
        pytest.param(
            [["align", 500], ["append", 2]],
            {"results": [{"shift": 0, "lost": 0}], "start": 500, "end": 502, "samples": [0, 1]},
            id="a reloaded page goes on counting where the relay is",
        ),
    ],
)
async def test_the_ring_counts_as_the_relay_does(
    modules: Page, steps: list[list[object]], expected: dict[str, object]
) -> None:
    assert await modules.evaluate(RING, steps) == expected


async def test_audio_lost_to_a_long_gap_is_owned_up_to(modules: Page) -> None:
    lost = await modules.evaluate(
        """
        async () => {
          const { AudioRing } = await import("/audio-ring.js");
          const { Uplink } = await import("/uplink.js");
          const sent = [];
          const connection = {
            ready: true, bufferedAmount: 0,
            sendAudio: (chunk) => sent.push(...chunk), send: ({ type }) => sent.push(type),
          };
          const lost = [];
          const uplink = new Uplink(connection, (samples) => lost.push(samples), new AudioRing(4));
          uplink.push(Int16Array.from([0, 1, 2]));
          connection.ready = false;
          for (let n = 3; n < 10; n++) uplink.push(Int16Array.from([n]));
          uplink.flush();
          uplink.push(Int16Array.from([10]));
          connection.ready = true;
          uplink.resume(3);
          return { lost, sent };
        }
        """
    )
    assert lost == {"lost": [4], "sent": [0, 1, 2, 7, 8, 9, "flush", 10]}
