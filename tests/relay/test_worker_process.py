"""The parent and the child are real processes; the children are small modules written for each incident."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest
from structlog.testing import capture_logs

from protocol.errors import SttUnavailable
from relay import worker_process
from relay.worker_process import WorkerProcess

ECHO = """
    import os, signal
    from relay.worker_process import Parent

    parent = Parent()
    parent.ready()
    for message in parent.messages():
        match message["type"]:
            case "print":
                print("a library says hello", flush=True)
                os.write(1, b"and so does its C part")
            case "die":
                os._exit(3)
            case "rubbish":
                os.write(parent._out, b"\\xff\\xff\\xff\\xff")
        parent.send({"type": "echo", "number": message["number"]})
"""


class Child:
    """A worker that runs `source`, with what its parent was told."""

    def __init__(self, module: str, **options: float) -> None:
        self.messages: asyncio.Queue[dict] = asyncio.Queue()
        self.deaths: asyncio.Queue[None] = asyncio.Queue()
        self.process = WorkerProcess(
            module,
            unavailable=SttUnavailable,
            on_message=self.messages.put_nowait,
            on_down=lambda: self.deaths.put_nowait(None),
            **options,
        )

    async def ask(self, kind: str = "", number: int = 1) -> dict:
        self.process.send({"type": kind, "number": number})
        async with asyncio.timeout(30):
            return await self.messages.get()

    async def down(self) -> None:
        async with asyncio.timeout(30):
            await self.deaths.get()


@pytest.fixture
async def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`child(source)` makes a worker of it; all are closed at the end, and must be gone."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made: list[Child] = []

    def make(source: str, **options: float) -> Child:
        module = f"child_{len(made)}"
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(source))
        made.append(Child(module, **options))
        return made[-1]

    yield make
    for each in made:
        pid = each.process.pid
        await each.process.close()
        assert pid is None or not psutil.pid_exists(pid)


async def test_messages_go_there_and_back(child):
    echo = child(ECHO)
    await echo.process.start()
    assert await echo.ask(number=7) == {"type": "echo", "number": 7}


async def test_a_killed_worker_is_told_once_and_runs_again(child):
    echo = child(ECHO)
    await echo.process.start()
    pid = echo.process.pid
    os.kill(pid, signal.SIGKILL)
    await echo.down()
    await echo.process.wait_ready(30)
    assert echo.process.pid != pid
    assert await echo.ask() == {"type": "echo", "number": 1}
    assert echo.deaths.empty()


async def test_nothing_is_sent_to_a_worker_that_is_not_there(child):
    echo = child(ECHO)
    with pytest.raises(SttUnavailable):
        echo.process.send({})
    await echo.process.start()
    await echo.process.close()
    with pytest.raises(SttUnavailable):
        echo.process.send({})
    with pytest.raises(SttUnavailable):
        await echo.process.wait_ready(30)


async def test_a_worker_that_dies_at_its_start_leaves_its_last_words_in_the_log(child):
    broken = child("import sys; sys.exit('the model file is missing')")
    with capture_logs() as logs, pytest.raises(SttUnavailable):
        await broken.process.start()
    assert "the model file is missing" in logs[-1]["stderr"]
    assert "exit code 1" in logs[-1]["reason"]


async def test_a_start_that_never_ends_is_given_up(child):
    slow = child("import time; time.sleep(60)", start_seconds=0.2)
    with pytest.raises(SttUnavailable):
        await slow.process.start()
    assert slow.process.pid is None


async def test_a_start_that_is_cancelled_leaves_no_process(child):
    slow = child("import time; time.sleep(60)")
    start = asyncio.create_task(slow.process.start())
    while slow.process.pid is None:
        await asyncio.sleep(0.01)
    pid = slow.process.pid
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert not psutil.pid_exists(pid)


async def test_what_a_library_prints_stays_out_of_the_frames(child):
    echo = child(ECHO)
    await echo.process.start()
    assert await echo.ask("print") == {"type": "echo", "number": 1}


async def test_a_worker_that_writes_rubbish_is_replaced(child):
    echo = child(ECHO)
    await echo.process.start()
    pid = echo.process.pid
    echo.process.send({"type": "rubbish", "number": 1})
    await echo.down()
    await echo.process.wait_ready(30)
    assert echo.process.pid != pid


async def test_ctrl_c_is_the_parents_business(child):
    echo = child(ECHO)
    await echo.process.start()
    os.kill(echo.process.pid, signal.SIGINT)
    assert await echo.ask() == {"type": "echo", "number": 1}
    assert os.getpgid(echo.process.pid) != os.getpgid(0)


async def test_the_event_loop_goes_before_its_workers(child):
    echo = child(ECHO)
    await echo.process.start()
    assert psutil.Process(echo.process.pid).nice() > psutil.Process().nice()


async def test_a_worker_that_does_not_read_is_killed_before_memory_runs_out(child, monkeypatch):
    monkeypatch.setattr(worker_process, "MAX_UNREAD_BYTES", 300_000)
    deaf = child("""
        import time
        from relay.worker_process import Parent
        Parent().ready()
        time.sleep(60)
    """)
    await deaf.process.start()
    audio = {"type": "audio", "pcm": bytes(150_000)}
    deaf.process.send(audio)
    deaf.process.send(audio)  # The pipe itself takes 64 KiB, so that this much is still within the bound.
    with pytest.raises(SttUnavailable):
        deaf.process.send(audio)
    await deaf.down()


async def test_a_worker_that_will_not_stop_is_killed(child, monkeypatch):
    monkeypatch.setattr(worker_process, "STOP_SECONDS", 0.2)
    stubborn = child("""
        import signal, time
        from relay.worker_process import Parent
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        Parent().ready()
        while True:
            time.sleep(60)
    """)
    await stubborn.process.start()
    pid = stubborn.process.pid
    await stubborn.process.close()
    assert not psutil.pid_exists(pid)


async def test_deaths_in_a_row_are_spaced_out(child, monkeypatch):
    delays: list[float] = []
    real_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        delays.append(seconds)
        await real_sleep(0)

    echo = child(ECHO)
    await echo.process.start()
    monkeypatch.setattr(worker_process.asyncio, "sleep", sleep)
    for _ in range(3):
        echo.process.send({"type": "die", "number": 1})
        await echo.down()
        await echo.process.wait_ready(30)
    assert delays[0] < 0.21
    assert delays[2] > delays[0]
    assert delays[2] >= 0.4


def test_the_worker_dies_with_the_relay(tmp_path: Path):
    (tmp_path / "child.py").write_text(textwrap.dedent(ECHO))
    (tmp_path / "relay_like.py").write_text(
        textwrap.dedent("""
            import asyncio
            from protocol.errors import SttUnavailable
            from relay.worker_process import WorkerProcess

            async def main():
                worker = WorkerProcess(
                    "child", unavailable=SttUnavailable, on_message=print, on_down=lambda: None
                )
                await worker.start()
                print(worker.pid, flush=True)
                await asyncio.sleep(60)

            asyncio.run(main())
        """)
    )
    root = Path(worker_process.__file__).parent.parent
    relay = subprocess.Popen(
        [sys.executable, str(tmp_path / "relay_like.py")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{tmp_path}"},
    )
    with relay:
        worker = psutil.Process(int(relay.stdout.readline()))
        relay.kill()
    try:
        worker.wait(30)
    except psutil.TimeoutExpired:  # Gone, but nobody has collected it yet: no init does in some containers.
        assert worker.status() == psutil.STATUS_ZOMBIE
